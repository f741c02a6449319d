using Xunit.Sdk;
using Xunit.v3;

// faults count in figures of the whole host (orphans, memory), and the machine has few cores: one test at a time
[assembly: Parallelization(Mode = ParallelMode.None)]
