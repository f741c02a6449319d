using System.Text;
using Microsoft.Extensions.Primitives;

namespace TcpStatExporter.Web;

/// <summary>A user and a password from the Authorization header (RFC 7617).</summary>
/// <param name="User">The user.</param>
/// <param name="Password">The password, as bytes.</param>
internal readonly record struct BasicCredentials(string User, ReadOnlyMemory<byte> Password)
{
    private const string Scheme = "Basic ";

    /// <summary>Parses the header.</summary>
    /// <param name="header">Its value.</param>
    /// <param name="credentials">The credentials.</param>
    /// <returns>False if there is no such header, if there is more than one, or if it uses another scheme.</returns>
    public static bool TryParse(StringValues header, out BasicCredentials credentials)
    {
        credentials = default;
        if (header is not [{ } value] || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        var bytes = new byte[value.Length];
        if (!Convert.TryFromBase64Chars(value.AsSpan(Scheme.Length), bytes, out var length))
        {
            return false;
        }

        var colon = bytes.AsSpan(0, length).IndexOf((byte)':');
        if (colon < 0)
        {
            return false;
        }

        credentials = new BasicCredentials(Encoding.UTF8.GetString(bytes, 0, colon), bytes.AsMemory(colon + 1, length - colon - 1));
        return true;
    }
}
