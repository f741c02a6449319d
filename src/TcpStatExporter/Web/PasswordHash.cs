using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Library = BCrypt.Net.BCrypt;

namespace TcpStatExporter.Web;

/// <summary>bcrypt hashes of passwords in web configurations.</summary>
internal static class PasswordHash
{
    /// <summary>Length of a hash: "$2b$10$", 22 characters of salt and 31 of digest.</summary>
    public const int Length = 60;

    /// <summary>Highest reasonable cost. Each step doubles the time of a check, which is more than a second at 14.</summary>
    public const int MaxCost = 14;

    private static readonly SearchValues<char> Base64 = SearchValues.Create("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    /// <summary>
    /// Returns true if a text is a bcrypt hash: $2a$, $2b$ or $2y$, a cost from 04 to 31, and 53 characters of its base64.
    /// </summary>
    /// <param name="text">The text.</param>
    public static bool IsHash(string text) =>
        text.Length == Length
            && text.StartsWith("$2", StringComparison.Ordinal)
            && text[2] is 'a' or 'b' or 'y'
            && text[3] == '$'
            && text[6] == '$'
            && char.IsAsciiDigit(text[4])
            && char.IsAsciiDigit(text[5])
            && Cost(text) is >= 4 and <= 31
            && text.AsSpan(7).IndexOfAnyExcept(Base64) < 0;

    /// <summary>Returns the cost of a hash. A check takes 2^cost rounds.</summary>
    /// <param name="hash">A hash that <see cref="IsHash"/> accepts.</param>
    public static int Cost(string hash) => ((hash[4] - '0') * 10) + hash[5] - '0';

    /// <summary>Returns true if a password matches a hash. Takes 2^cost rounds. Digests are compared in constant time.</summary>
    /// <param name="hash">A hash that <see cref="IsHash"/> accepts.</param>
    /// <param name="password">
    /// The password in UTF-8. As in bcrypt, bytes after the 72nd are ignored. A password with a NUL never matches, because
    /// tools written in C cannot create a hash of one.
    /// </param>
    public static bool Verify(string hash, ReadOnlySpan<byte> password) =>
        Utf8.IsValid(password) && !password.Contains((byte)0) && Library.Verify(Encoding.UTF8.GetString(password), hash);
}
