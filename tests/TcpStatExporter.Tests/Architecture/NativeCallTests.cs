using System.Reflection;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Architecture;

/// <summary>What calls of the C library return.</summary>
public sealed class NativeCallTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// A descriptor is an int. A call that is declared to return a handle is read as a pointer, whose upper half the callee
    /// need not have set.
    /// </summary>
    [Fact]
    public void No_call_that_returns_a_descriptor_is_read_as_a_pointer() =>
        Imported().Where(method => method.ReturnType.IsAssignableTo(typeof(SafeHandle))).Select(Name).ShouldBeEmpty();

    /// <summary>What is a pointer, or as long as one: directory streams, names, signal handlers, and counts of bytes.</summary>
    [Fact]
    public void Only_pointers_and_sizes_are_read_as_such() =>
        Imported()
            .Where(method => method.ReturnType == typeof(nint) || method.ReturnType == typeof(nuint))
            .Select(Name)
            .ShouldBe(
                ["IndexToName", "OpenDirectory", "ReadDirectory", "ReadAt", "ReadBytes", "ReceiveFrom", "SendTo", "SetSignal", "WriteBytes"],
                StringComparer.Ordinal,
                ignoreOrder: true);

    /// <summary>Methods with a LibraryImport: the generator leaves its mark on them.</summary>
    private static IEnumerable<MethodInfo> Imported() =>
        new[] { typeof(TcpSnapshot).Assembly, typeof(CommandLine).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(All))
            .Where(method => method.GetCustomAttribute<LibraryImportAttribute>() is not null
                || (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl) && !method.Name.Contains("__PInvoke", StringComparison.Ordinal)));

    private static string Name(MethodInfo method) => method.Name;
}
