namespace TcpStatExporter.Web;

/// <summary>
/// .NET looks below the user's home for stores of certificates whenever it judges one, and throws where the user has no
/// home: a user of systemd's DynamicUser= for one, and a number that no user of a container's image has.
/// </summary>
internal static class HomeFolder
{
    private const string Variable = "HOME";

    /// <summary>What Debian calls the home of users that have none.</summary>
    private const string None = "/nonexistent";

    /// <summary>Names one where there is none. It is only looked into: no file of ours goes there.</summary>
    public static void Ensure()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Variable)))
        {
            Environment.SetEnvironmentVariable(Variable, None);
        }
    }
}
