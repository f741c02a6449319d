using System.Reflection;
using System.Runtime.InteropServices;
using Shouldly;
using TcpStatExporter.Commands;
using TcpStatExporter.Kernel.Model;
using Xunit;

namespace TcpStatExporter.Tests.Architecture;

/// <summary>Return types of the C library calls.</summary>
public sealed class NativeCallTests
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>
    /// A descriptor is an int. If a call is declared to return a handle, its result is read as a pointer, and the callee need
    /// not have set the upper half.
    /// </summary>
    [Fact]
    public void No_call_that_returns_a_descriptor_is_read_as_a_pointer() =>
        Imported().Where(method => method.ReturnType.IsAssignableTo(typeof(SafeHandle))).Select(Name).ShouldBeEmpty();

    /// <summary>Pointers and values of that size: directory streams, names, signal handlers, and byte counts.</summary>
    [Fact]
    public void Only_pointers_and_sizes_are_read_as_such() =>
        Imported()
            .Where(method => method.ReturnType == typeof(nint) || method.ReturnType == typeof(nuint))
            .Select(Name)
            .ShouldBe(
                ["IndexToName", "OpenDirectory", "Read", "ReadDirectory", "ReadAt", "ReadBytes", "ReadEvents", "ReceiveFrom", "ReceiveMessage", "SendMessage", "SendTo", "SetSignal", "Write", "WriteBytes"],
                StringComparer.Ordinal,
                ignoreOrder: true);

    /// <summary>Finds methods with a LibraryImport by the attribute that the generator adds.</summary>
    private static IEnumerable<MethodInfo> Imported() =>
        new[] { typeof(TcpSnapshot).Assembly, typeof(CommandLine).Assembly }
            .SelectMany(assembly => assembly.GetTypes())
            .SelectMany(type => type.GetMethods(All))
            .Where(method => method.GetCustomAttribute<LibraryImportAttribute>() is not null
                || (method.Attributes.HasFlag(MethodAttributes.PinvokeImpl) && !method.Name.Contains("__PInvoke", StringComparison.Ordinal)));

    private static string Name(MethodInfo method) => method.Name;
}
