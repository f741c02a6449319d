using System.Text;

namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>Shell completion for three shells, generated from the command line.</summary>
internal static class Completion
{
    private const string Origin = "Written by the tests from the command line: change that, and run TCPSTAT_REWRITE=1 dotnet test.";

    public static string Bash(CommandTree tree)
    {
        var everyFlag = tree.Commands.SelectMany(command => command.Flags).Where(flag => flag.Value is not null).DistinctBy(flag => flag.Name, StringComparer.Ordinal).ToArray();
        var script = new StringBuilder(
            $$"""
            # bash completion of tcpstat-exporter. {{Origin}}
            _tcpstat_exporter() {
                local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command= words= i
                for ((i = 1; i < COMP_CWORD; i++)); do
                    case ${COMP_WORDS[i]} in
                        {{string.Join(" | ", tree.Commands.Select(command => command.Name))}}) command=${COMP_WORDS[i]} ;;
                    esac
                done

                # readline takes --flag=value for three words
                if [[ $current == "=" ]]; then
                    current=
                elif [[ $previous == "=" ]]; then
                    previous=${COMP_WORDS[COMP_CWORD - 2]}
                fi

                case $previous in

            """);
        foreach (var flag in everyFlag.Where(flag => flag.Words.Count > 0))
        {
            script.Append(null, $"        {flag.Name}) words=\"{string.Join(' ', flag.Words)}\" ;;\n");
        }

        script.Append(
            $"""
                    {Names(everyFlag.Where(flag => flag.IsFile))})
                        compopt -o filenames 2>/dev/null
                        mapfile -t COMPREPLY < <(compgen -f -- "$current")
                        return
                        ;;
                    {Names(everyFlag.Where(flag => !flag.IsFile && flag.Words.Count == 0))})
                        return
                        ;;
                    *)
                        words=--help
                        case $command in

            """);
        foreach (var command in tree.Commands.Where(command => command.Flags.Count > 0))
        {
            script.Append(null, $"                {command.Name}) words+=\" {string.Join(' ', command.Flags.Select(flag => flag.Name))}\" ;;\n");
        }

        script.Append(
            $"""
                            "") words+=" {string.Join(' ', tree.Commands.Select(command => command.Name).Concat(tree.Daemon.Concat(tree.Own).Select(flag => flag.Name)))}" ;;
                        esac
                        ;;
                esac
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")

            """);
        return script.Append("}\n\ncomplete -F _tcpstat_exporter tcpstat-exporter\n").ToString();
    }

    public static string Zsh(CommandTree tree)
    {
        var script = new StringBuilder(
            $$"""
            #compdef tcpstat-exporter
            # {{Origin}}
            _tcpstat_exporter() {
                local -a flags commands
                local curcontext=$curcontext state line
                typeset -A opt_args
                flags=(

            """);
        script.Append("        '(- *)'{-h,--help}'[Show help and exit]'\n    )\n    commands=(\n");
        foreach (var command in tree.Commands)
        {
            script.Append(null, $"        '{command.Name}:{ZshQuote(FlagOfTree.FirstSentence(command.Description))}'\n");
        }

        script.Append("    )\n    _arguments -C $flags \\\n");
        AppendZshFlags(script, "        ", tree.Daemon, " \\");
        foreach (var flag in tree.Own)
        {
            script.Append(null, $"        '(- *){flag.Name}[{ZshQuote(flag.Summary)}]' \\\n");
        }

        script.Append("        '1: :->command' '*:: :->arguments'\n    case $state in\n        command) _describe command commands ;;\n        arguments)\n            case $words[1] in\n");
        foreach (var command in tree.Commands.Where(command => command.Flags.Count > 0))
        {
            script.Append(null, $"                {command.Name})\n                    flags+=(\n");
            AppendZshFlags(script, "                        ", command.Flags);
            script.Append("                    )\n                    ;;\n");
        }

        return script.Append("            esac\n            _arguments $flags\n            ;;\n    esac\n}\n\n_tcpstat_exporter \"$@\"\n").ToString();
    }

    public static string Fish(CommandTree tree)
    {
        var script = new StringBuilder($"# fish completion of tcpstat-exporter. {Origin}\ncomplete -c tcpstat-exporter -f\n");
        foreach (var command in tree.Commands)
        {
            script.Append(null, $"complete -c tcpstat-exporter -n __fish_use_subcommand -a {command.Name} -d '{FishQuote(FlagOfTree.FirstSentence(command.Description))}'\n");
        }

        AppendFishFlags(script, "-n __fish_use_subcommand ", tree.Daemon);
        AppendFishFlags(script, "-n __fish_use_subcommand ", tree.Own);
        script.Append("complete -c tcpstat-exporter -s h -l help -d 'Show help and exit'\n");
        foreach (var command in tree.Commands)
        {
            AppendFishFlags(script, $"-n '__fish_seen_subcommand_from {command.Name}' ", command.Flags);
        }

        return script.ToString();
    }

    private static string Names(IEnumerable<FlagOfTree> flags) => string.Join(" | ", flags.Select(flag => flag.Name));

    private static void AppendZshFlags(StringBuilder script, string indent, IEnumerable<FlagOfTree> flags, string end = "")
    {
        foreach (var flag in flags)
        {
            var action = flag.Words.Count > 0 ? $"({string.Join(' ', flag.Words)})" : flag.IsFile ? "_files" : " ";
            var value = flag.Value is null ? "" : $":{ZshQuote(flag.Words.Count > 0 ? flag.Name[2..] : flag.Value)}:{action}";
            script.Append(null, $"{indent}'{(flag.IsRepeatable ? "*" : "")}{flag.Name}{(flag.Value is null ? "" : "=")}[{ZshQuote(flag.Summary)}]{value}'{end}\n");
        }
    }

    private static void AppendFishFlags(StringBuilder script, string condition, IEnumerable<FlagOfTree> flags)
    {
        foreach (var flag in flags)
        {
            var value = flag.Value is null ? "" : flag.Words.Count > 0 ? $" -x -a '{string.Join(' ', flag.Words)}'" : flag.IsFile ? " -r -F" : " -x";
            script.Append(null, $"complete -c tcpstat-exporter {condition}-l {flag.Name[2..]}{value} -d '{FishQuote(flag.Summary)}'\n");
        }
    }

    private static string ZshQuote(string text) => text.Replace("'", "'\\''", StringComparison.Ordinal)
        .Replace("[", "\\[", StringComparison.Ordinal).Replace("]", "\\]", StringComparison.Ordinal).Replace(":", "\\:", StringComparison.Ordinal);

    private static string FishQuote(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal);
}
