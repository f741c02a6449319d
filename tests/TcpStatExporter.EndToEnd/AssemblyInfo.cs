using Xunit.Sdk;
using Xunit.v3;

// faults are counted host-wide (orphans, memory), and the machine has few cores: one test at a time
[assembly: Parallelization(Mode = ParallelMode.None)]
