using System.Runtime.Versioning;
using Xunit;

// faults count in figures of the whole host (orphans, memory), and the machine has few cores: one test at a time
[assembly: CollectionBehavior(DisableTestParallelization = true)]
[assembly: SupportedOSPlatform("linux")]
