namespace TcpStatExporter.Web;

/// <summary>
/// When .NET validates a certificate, it looks for certificate stores below the user's home, and throws if the user has no
/// home. That happens to a user of systemd's DynamicUser=, and to a container that runs as a number without a user in the
/// image.
/// </summary>
internal static class HomeFolder
{
    private const string Variable = "HOME";

    /// <summary>Debian's home directory for users without one.</summary>
    private const string None = "/nonexistent";

    /// <summary>Sets a home if there is none. .NET only reads it. We write no files there.</summary>
    public static void Ensure()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Environment.SetEnvironmentVariable(Variable, None);
        }
    }
}
