using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using TcpStatExporter.Commands;

namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>Commands and flags as in <c>--help</c>.</summary>
internal sealed class CommandTree
{
    private const string Version = "--version";

    private readonly RootCommand _root = new CommandLine(CommandActions.All(_ => Task.FromResult(0))).Root;

    public string Description => _root.Description!;

    /// <summary>Flags of the daemon.</summary>
    public IReadOnlyList<FlagOfTree> Daemon => [.. Flags(_root.Options).Where(flag => flag.Name != Version)];

    /// <summary>Flags of the program itself. With such a flag it does nothing else.</summary>
    public IReadOnlyList<FlagOfTree> Own => [.. Flags(_root.Options).Where(flag => flag.Name == Version)];

    public IReadOnlyList<CommandOfTree> Commands =>
        [.. _root.Subcommands.Where(command => !command.Hidden).Select(command => new CommandOfTree(command.Name, command.Description!, [.. Flags(command.Options)]))];

    private static IEnumerable<FlagOfTree> Flags(IEnumerable<Option> options) =>
        from option in options
        where option is not HelpOption && !option.Hidden
        let value = option.ValueType == typeof(bool) ? null : option.HelpName
        select new FlagOfTree(option.Name, value, Text(option), option.Arity.MaximumNumberOfValues > 1);

    private static string Text(Option option) =>
        option.HasDefaultValue && option.GetDefaultValue() is { } value and (string or IFormattable) && option.ValueType != typeof(bool)
            ? $"{option.Description} [default: {Convert.ToString(value, CultureInfo.InvariantCulture)}]"
            : option.Description!;
}
