namespace TcpStatExporter.Web;

/// <summary>What became of a user and a password.</summary>
internal enum PasswordVerdict
{
    /// <summary>The user exists and the password is the user's.</summary>
    Right,

    /// <summary>One of the two is wrong; which, nobody is told.</summary>
    Wrong,

    /// <summary>Too many wait to be checked.</summary>
    Busy,
}
