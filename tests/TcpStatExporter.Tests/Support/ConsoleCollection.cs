using Xunit;

namespace TcpStatExporter.Tests.Support;

/// <summary>The console belongs to the whole process: while a test of this collection holds it, nothing else runs.</summary>
[CollectionDefinition("console", DisableParallelization = true)]
public sealed class ConsoleCollection;
