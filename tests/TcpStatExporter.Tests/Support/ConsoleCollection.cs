using Xunit;

namespace TcpStatExporter.Tests.Support;

/// <summary>The console belongs to the whole process: while a test of this collection runs, no other test does.</summary>
[CollectionDefinition("console", DisableParallelization = true)]
public sealed class ConsoleCollection;
