namespace TcpStatExporter.Kernel.Tests.SockDiag;

/// <summary>Counts the sockets of a reply in the plainest way: offsets and checks spelt out, nothing shared with the parser.</summary>
internal static class NaiveReader
{
    public static int Count(byte[] bytes, out bool complete)
    {
        complete = false;
        var sequence = U32(bytes, 8);
        var port = U32(bytes, 12);
        var count = 0;
        for (long at = 0; at + 16 <= bytes.Length;)
        {
            long length = U32(bytes, at);
            if (length < 16 || at + length > bytes.Length)
            {
                return count;
            }

            if (U32(bytes, at + 8) == sequence && U32(bytes, at + 12) == port)
            {
                switch (U16(bytes, at + 4))
                {
                    case 18 or 20:
                        if (!AttributesAreSound(bytes, at + 16, at + length))
                        {
                            return count;
                        }

                        count++;
                        break;
                    case 2 when length < 20 || U32(bytes, at + 16) != 0:
                        return count;
                    case 3:
                        complete = length >= 20 && U32(bytes, at + 16) == 0;
                        return count;
                    case 4:
                        return count;
                }
            }

            at += (length + 3) / 4 * 4;
        }

        return count;
    }

    private static bool AttributesAreSound(byte[] bytes, long from, long end)
    {
        if (end - from < 72)
        {
            return false;
        }

        for (var at = from + 72; at + 4 <= end;)
        {
            int length = U16(bytes, at);
            if (length < 4 || at + length > end)
            {
                return false;
            }

            at += (length + 3) / 4 * 4;
        }

        return true;
    }

    private static uint U32(byte[] bytes, long at) => BitConverter.ToUInt32(bytes, (int)at);

    private static ushort U16(byte[] bytes, long at) => BitConverter.ToUInt16(bytes, (int)at);
}
