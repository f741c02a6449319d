using Xunit;

namespace TcpStatExporter.Kernel.Tests;

/// <summary>What is told of the whole process: while a test of this collection runs, nothing else does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
