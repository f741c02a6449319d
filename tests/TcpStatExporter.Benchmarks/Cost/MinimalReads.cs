using System.Diagnostics;
using System.Globalization;
using TcpStatExporter.Kernel.Model;

namespace TcpStatExporter.Benchmarks.Cost;

/// <summary>The minimal C program (reads.c), compiled on use.</summary>
internal sealed class MinimalReads : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tcpstat-reads-");
    private readonly Process _process;

    /// <summary>Compiles and starts it.</summary>
    /// <param name="arguments">Its arguments. None: it reads what the exporter reads in a tick.</param>
    /// <exception cref="InvalidOperationException">It does not compile.</exception>
    public MinimalReads(params string[] arguments)
    {
        var program = Path.Combine(_folder.FullName, "reads");
        Sandbox.Execute("cc", "-O2", "-Wall", "-o", program, Path.Combine(AppContext.BaseDirectory, "reads.c"));
        string[] files =
        [
            "/proc/net/snmp", "/proc/net/sockstat", "/proc/net/sockstat6", "/proc/net/netstat",
            .. SysctlExtensions.All.Select(sysctl => "/proc/sys/" + sysctl.Path()),
        ];
        _process = Process.Start(new ProcessStartInfo(program, arguments.Length > 0 ? arguments : files.Where(File.Exists))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
    }

    /// <summary>Reads everything once.</summary>
    /// <returns>CPU time used.</returns>
    public TimeSpan Read()
    {
        _process.StandardInput.Write('\n');
        _process.StandardInput.Flush();
        var nanoseconds = double.Parse(_process.StandardOutput.ReadLine()!, CultureInfo.InvariantCulture);
        return TimeSpan.FromMicroseconds(nanoseconds / 1000);
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
