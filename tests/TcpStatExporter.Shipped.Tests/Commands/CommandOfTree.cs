namespace TcpStatExporter.Shipped.Tests.Commands;

/// <summary>A command.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does.</param>
/// <param name="Flags">Its flags.</param>
internal sealed record CommandOfTree(string Name, string Description, IReadOnlyList<FlagOfTree> Flags);
