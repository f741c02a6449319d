using Xunit;

namespace TcpStatExporter.Kernel.Tests;

/// <summary>For tests of process-wide state: while one of them runs, no other test does.</summary>
[CollectionDefinition("alone", DisableParallelization = true)]
public sealed class AloneCollection;
