namespace TcpStatExporter.Web;

/// <summary>The result of checking a user and a password.</summary>
internal enum PasswordVerdict
{
    /// <summary>The user exists and the password is correct.</summary>
    Right,

    /// <summary>One of the two is wrong. Nobody is told which.</summary>
    Wrong,

    /// <summary>Too many checks are waiting.</summary>
    Busy,
}
