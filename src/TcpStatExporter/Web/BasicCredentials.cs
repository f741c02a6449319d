using System.Text;
using Microsoft.Extensions.Primitives;

namespace TcpStatExporter.Web;

/// <summary>A user and a password as the header Authorization has them (RFC 7617).</summary>
/// <param name="User">The user.</param>
/// <param name="Password">The password's bytes.</param>
internal readonly record struct BasicCredentials(string User, ReadOnlyMemory<byte> Password)
{
    private const string Scheme = "Basic ";

    /// <summary>Reads the header.</summary>
    /// <param name="header">Its value.</param>
    /// <param name="credentials">What it holds.</param>
    /// <returns>False where there is none, more than one, or one of another kind.</returns>
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
