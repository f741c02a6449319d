using System.Text;

namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>tcpstat-exporter(1), from the command line.</summary>
internal static class ManPage
{
    public static string Write(CommandTree tree)
    {
        var page = new StringBuilder();
        page.Append(
            """
            .\" Written by the tests from the command line: change that, and run TCPSTAT_REWRITE=1 dotnet test.
            .TH TCPSTAT\-EXPORTER 1 "" "tcpstat\-exporter" "User Commands"
            .SH NAME
            tcpstat\-exporter \- TCP state of a Linux host for Prometheus
            .SH SYNOPSIS
            .B tcpstat\-exporter
            .RI [ command ]
            .RI [ flags ]
            .SH DESCRIPTION

            """);
        page.Append(Text(tree.Description)).Append('\n');
        page.Append(
            """
            .PP
            It needs no privileges and reads the network namespace that it runs in.
            Without a command it serves.
            .SH COMMANDS

            """);
        foreach (var command in tree.Commands)
        {
            page.Append(null, $".TP\n.B {Escape(command.Name)}\n{Text(command.Description)}\n");
        }

        page.Append(".SH FLAGS\n");
        AppendFlags(page, tree.Shared);
        AppendFlags(page, tree.Own);
        page.Append(".TP\n.BR \\-h \", \" \\-\\-help\nShow help and exit.\n");
        foreach (var command in tree.Commands.Where(command => command.Flags.Count > 0))
        {
            page.Append(null, $".SS Of {Escape(command.Name)}\n");
            AppendFlags(page, command.Flags);
        }

        page.Append(
            """
            .SH EXIT STATUS
            .TP
            .B 0
            It was told to stop, or did what it was asked.
            .TP
            .B 1
            It could not start: an address in use, no source that can be read, or too few files that may be open. Or its output
            could not be written, as on a full device; one line on standard error says so.
            .TP
            .B 2
            A wrong flag or value; one line on standard error says which. The service is not started again then.
            .TP
            .B 141
            The reader of its output has gone, as
            .BR head (1)
            does; nothing is said.
            .PP
            .B doctor
            and
            .B healthcheck
            have their own, above.
            .SH SIGNALS
            .TP
            .BR SIGTERM ", " SIGINT
            Answer the requests under way, and stop.
            .SH FILES
            .TP
            .I /etc/default/tcpstat\-exporter
            .B ARGS=
            holds the flags of the systemd service.
            .TP
            .I /usr/lib/systemd/system/tcpstat\-exporter.service
            The systemd service.
            .SH EXAMPLES
            .TP
            What is wrong with the TCP of this host?
            .B tcpstat\-exporter doctor \-\-for 30s
            .TP
            Only the listeners of one port range, by one address
            .B tcpstat\-exporter \-\-web.listen\-address=127.0.0.1:10006 \-\-listeners.include=:8000\-8999
            .TP
            For the textfile collector of node_exporter
            .B tcpstat\-exporter once > tcpstat.prom.tmp && mv tcpstat.prom.tmp tcpstat.prom
            .TP
            The same for another network namespace of the host
            .B ip netns exec blue tcpstat\-exporter once \-\-netns\-label=blue > tcpstat\-blue.prom.tmp && mv tcpstat\-blue.prom.tmp tcpstat\-blue.prom
            .SH SEE ALSO
            .BR ss (8),
            .BR tcp (7),
            .BR listen (2),
            .BR sock_diag (7)

            """);
        return page.ToString();
    }

    private static void AppendFlags(StringBuilder page, IEnumerable<FlagOfTree> flags)
    {
        foreach (var flag in flags)
        {
            page.Append(null, $".TP\n.B {Escape(flag.Name)}");
            page.Append(flag.Value is null ? "" : $" \\fI{Escape(flag.Value)}\\fR").Append('\n');
            page.Append(Text(flag.Description)).Append('\n');
        }
    }

    /// <summary>A line of text: neither a dot nor an apostrophe at its start is a request.</summary>
    private static string Text(string text)
    {
        var escaped = Escape(text);
        return escaped[0] is '.' or '\'' ? "\\&" + escaped : escaped;
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal);
}
