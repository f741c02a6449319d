using System.Text;

namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>tcpstat-exporter(1), generated from the command line.</summary>
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
            Only the command
            .B opener
            needs capabilities.
            Without a command it runs the daemon.
            .SH COMMANDS

            """);
        foreach (var command in tree.Commands)
        {
            page.Append(null, $".TP\n.B {Escape(command.Name)}\n{Text(command.Description)}\n");
        }

        page.Append(".SH FLAGS\n");
        AppendFlags(page, tree.Daemon);
        AppendFlags(page, tree.Own);
        page.Append(".TP\n.BR \\-h \", \" \\-\\-help\nShow help and exit.\n");
        foreach (var command in tree.Commands.Where(command => command.Name != "serve" && command.Flags.Count > 0))
        {
            page.Append(null, $".SS Of {Escape(command.Name)}\n");
            AppendFlags(page, command.Flags.Except(tree.Daemon));
            var known = command.Flags.Intersect(tree.Daemon).ToArray();
            if (known.Length > 0)
            {
                page.Append(null, $".PP\nAs above: {string.Join(", ", known.Select(flag => $"\\fB{Escape(flag.Name)}\\fR"))}.\n");
            }
        }

        page.Append(
            """
            .SH EXIT STATUS
            .TP
            .B 0
            Success, or stopped by a signal.
            .TP
            .B 1
            It could not start: the address is in use, no source can be read, or the limit of open files is too low.
            Or it could not write its output, for example to a full device. One line on stderr gives the reason.
            .TP
            .B 2
            A wrong flag or value. One line on stderr says which. systemd then does not restart the service.
            .TP
            .B 141
            The reader of its output is gone, for example
            .BR head (1).
            It prints nothing.
            .PP
            .BR doctor ", " probe
            and
            .B healthcheck
            have their own exit codes, see above.
            .SH SIGNALS
            .TP
            .BR SIGTERM ", " SIGINT
            Finish running requests, then stop.
            .TP
            .B SIGHUP
            Read the file of
            .B \-\-web.config.file
            and its certificates again. If something is wrong with them, the old ones stay in force.
            .SH FILES
            .TP
            .I /etc/default/tcpstat\-exporter
            .B ARGS=
            contains the flags of the systemd service.
            .TP
            .I /usr/lib/systemd/system/tcpstat\-exporter.service
            The systemd service.
            .TP
            .I /usr/lib/systemd/system/tcpstat\-exporter\-opener.socket
            Starts the opener when the exporter asks for the listeners of another network namespace. Not enabled by default.
            .TP
            .I /run/tcpstat\-exporter\-opener.sock
            The socket on which the exporter asks the opener.
            .SH EXAMPLES
            .TP
            What is wrong with the TCP of this host?
            .B tcpstat\-exporter doctor \-\-for 30s
            .TP
            Export only the listeners in one port range, and listen on one address
            .B tcpstat\-exporter \-\-web.listen\-address=127.0.0.1:10006 \-\-listeners.include=:8000\-8999
            .TP
            For the textfile collector of node_exporter
            .B tcpstat\-exporter once > tcpstat.prom.tmp && mv tcpstat.prom.tmp tcpstat.prom
            .TP
            The same for another network namespace
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

    /// <summary>Escapes a line of text: a dot or apostrophe at its start would be a request.</summary>
    private static string Text(string text)
    {
        var escaped = Escape(text);
        return escaped[0] is '.' or '\'' ? "\\&" + escaped : escaped;
    }

    private static string Escape(string text) =>
        text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).Replace("'", "\\(aq", StringComparison.Ordinal);
}
