using System.Diagnostics;
using System.Globalization;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The C program that reads other network namespaces (netns.c), compiled on use.</summary>
internal sealed class NetnsReads : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-netns-");
    private readonly Process _process;

    /// <summary>Compiles and starts it.</summary>
    /// <param name="pids">A process in each namespace.</param>
    public NetnsReads(IEnumerable<int> pids)
    {
        var program = Path.Combine(_folder.FullName, "netns");
        Sandbox.Execute("cc", "-O2", "-Wall", "-o", program, Path.Combine(AppContext.BaseDirectory, "netns.c"));
        _process = Process.Start(new ProcessStartInfo(program, pids.Select(pid => pid.ToString(CultureInfo.InvariantCulture)))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Reads all namespaces.</summary>
    /// <param name="what">l: known listeners. d: a dump of listeners. f: files.</param>
    /// <returns>CPU time used.</returns>
    public TimeSpan Read(char what)
    {
        _process.StandardInput.Write(what);
        _process.StandardInput.Flush();
        return TimeSpan.FromMicroseconds(double.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture) / 1000);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _process.StandardInput.Close();
        _process.WaitForExit();
        _process.Dispose();
        _folder.Delete(recursive: true);
    }
}
