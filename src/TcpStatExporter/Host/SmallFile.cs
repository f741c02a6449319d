using System.Text;
using TcpStatExporter.Kernel.Linux;

namespace TcpStatExporter.Host;

/// <summary>A file written by a person that is read whole, such as a configuration or a certificate.</summary>
internal static class SmallFile
{
    /// <summary>Maximum file size, in bytes.</summary>
    public const int MaxSize = 1024 * 1024;

    /// <summary>Reads a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="content">Its bytes, without the UTF-8 byte order mark that some editors add.</param>
    /// <param name="reason">Why it could not be read, without a full stop.</param>
    /// <returns>False if it could not be read.</returns>
    public static bool TryRead(string path, out byte[] content, out string reason)
    {
        (content, reason) = ([], "");
        try
        {
            // check before opening: opening a FIFO would wait for a writer
            var stamp = FileStamp.Of(path);
            if (stamp != default && !stamp.IsRegularFile)
            {
                reason = "it is not a regular file";
                return false;
            }

            if (stamp.Size > MaxSize)
            {
                reason = "it is larger than 1 MiB";
                return false;
            }

            content = File.ReadAllBytes(path);
            if (content.AsSpan().StartsWith(Encoding.UTF8.Preamble))
            {
                content = content[Encoding.UTF8.Preamble.Length..];
            }

            return true;
        }
        catch (FileNotFoundException)
        {
            reason = "the file does not exist";
        }
        catch (DirectoryNotFoundException)
        {
            reason = "the directory does not exist";
        }
        catch (UnauthorizedAccessException)
        {
            reason = "permission denied";
        }
        catch (IOException e)
        {
            reason = e.Message.TrimEnd('.');
        }

        return false;
    }
}
