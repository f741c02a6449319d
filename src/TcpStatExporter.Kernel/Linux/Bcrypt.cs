using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace TcpStatExporter.Kernel.Linux;

/// <summary>
/// bcrypt by the system's crypt_r(3). The library is looked for at run time: libxcrypt has it as libcrypt.so.1 (Debian,
/// Ubuntu, RHEL) or libcrypt.so.2 (Fedora, Arch, openSUSE), and musl in its C library.
/// </summary>
public static unsafe class Bcrypt
{
    /// <summary>Length of a hash: "$2b$10$", 22 characters of salt and 31 of the digest.</summary>
    public const int HashLength = 60;

    /// <summary>Largest cost that a check should have: one more doubles its time, which is about a second at 14.</summary>
    public const int MaxCost = 14;

    /// <summary>bcrypt reads no further.</summary>
    private const int MaxPassword = 72;

    /// <summary>Largest struct crypt_data, that of glibc's own libcrypt; libxcrypt has 32768 bytes, musl 260.</summary>
    private const int WorkBytes = 131_232;

    private static readonly string[] Libraries = ["libcrypt.so.1", "libcrypt.so.2"];

    private static readonly Lazy<nint> Function = new(Find);

    /// <summary>Whether the system has bcrypt. glibc's own libcrypt has crypt_r, and not bcrypt.</summary>
    public static bool IsAvailable => Function.Value != 0;

    /// <summary>Whether a text is a bcrypt hash: $2a$, $2b$ or $2y$, a cost from 04 to 31, and 53 characters of its base64.</summary>
    /// <param name="text">The text.</param>
    public static bool IsHash(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == HashLength
            && text.StartsWith("$2", StringComparison.Ordinal)
            && text[2] is 'a' or 'b' or 'y'
            && text[3] == '$'
            && text[6] == '$'
            && char.IsAsciiDigit(text[4])
            && char.IsAsciiDigit(text[5])
            && Cost(text) is >= 4 and <= 31
            && text.AsSpan(7).IndexOfAnyExcept(Base64) < 0;
    }

    /// <summary>The cost of a hash: it takes 2^cost rounds.</summary>
    /// <param name="hash">A hash, as <see cref="IsHash"/> has it.</param>
    public static int Cost(string hash)
    {
        ArgumentNullException.ThrowIfNull(hash);
        return ((hash[4] - '0') * 10) + hash[5] - '0';
    }

    /// <summary>Whether a password is that of a hash, at the cost of its 2^cost rounds. The digests are compared in constant time.</summary>
    /// <param name="hash">A hash, as <see cref="IsHash"/> has it.</param>
    /// <param name="password">The password; bytes after the 72nd are ignored, as bcrypt does. One with a NUL is never right.</param>
    /// <exception cref="NotSupportedException">The system has no bcrypt.</exception>
    public static bool Verify(string hash, ReadOnlySpan<byte> password)
    {
        ArgumentNullException.ThrowIfNull(hash);
        if (!IsAvailable)
        {
            throw new NotSupportedException("This system has no bcrypt.");
        }

        return Verify(Function.Value, hash, password);
    }

    private static System.Buffers.SearchValues<char> Base64 { get; } =
        System.Buffers.SearchValues.Create("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");

    private static bool Verify(nint function, string hash, ReadOnlySpan<byte> password)
    {
        var crypt = (delegate* unmanaged<byte*, byte*, void*, byte*>)function;
        Span<byte> setting = stackalloc byte[HashLength + 1];
        setting[Encoding.ASCII.GetBytes(hash, setting)] = 0;
        Span<byte> phrase = stackalloc byte[MaxPassword + 1];
        phrase.Clear();
        password[..Math.Min(password.Length, MaxPassword)].CopyTo(phrase);
        var work = NativeMemory.AllocZeroed(WorkBytes);
        try
        {
            fixed (byte* phraseBytes = phrase, settingBytes = setting)
            {
                var result = crypt(phraseBytes, settingBytes, work);
                return result is not null
                    && CryptographicOperations.FixedTimeEquals(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(result), setting[..HashLength])
                    && !password.Contains((byte)0);
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(phrase);
            NativeMemory.Clear(work, WorkBytes);
            NativeMemory.Free(work);
        }
    }

    private static nint Find()
    {
        foreach (var library in Libraries)
        {
            if (NativeLibrary.TryLoad(library, out var handle) && Works(handle, out var function))
            {
                return function;
            }
        }

        return Works(NativeLibrary.GetMainProgramHandle(), out var own) ? own : 0;
    }

    /// <summary>A test vector of crypt_blowfish, with its cost lowered to 4.</summary>
    private static bool Works(nint library, out nint function) =>
        NativeLibrary.TryGetExport(library, "crypt_r", out function)
            && Verify(function, "$2a$04$CCCCCCCCCCCCCCCCCCCCC.K7Qr0se1MxuggH4aP4YgB.U2Em1pGSK", "U*U"u8);
}
