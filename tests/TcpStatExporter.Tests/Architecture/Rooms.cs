using System.Reflection;
using System.Reflection.Emit;

namespace TcpStatExporter.Tests.Architecture;

/// <summary>
/// Finds which folders of an assembly use which, from the compiled code: signatures and the code of every method, but not
/// attributes.
/// </summary>
internal static class Rooms
{
    private const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly OpCode[] OneByte = new OpCode[256];
    private static readonly OpCode[] TwoBytes = new OpCode[256];

    static Rooms()
    {
        foreach (var field in typeof(OpCodes).GetFields(BindingFlags.Static | BindingFlags.Public))
        {
            var code = (OpCode)field.GetValue(null)!;
            (code.Size == 1 ? OneByte : TwoBytes)[code.Value & 0xff] = code;
        }
    }

    /// <summary>Returns what each type of an assembly uses of the same assembly.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <returns>Pairs of namespaces, each with an example of the types.</returns>
    public static IReadOnlyDictionary<(string From, string To), string> Uses(Assembly assembly)
    {
        var uses = new Dictionary<(string From, string To), string>();
        foreach (var type in assembly.GetTypes())
        {
            foreach (var used in UsedBy(type))
            {
                if (used.Assembly == assembly && Folder(type) is { } from && Folder(used) is { } to && from != to)
                {
                    uses.TryAdd((from, to), $"{type.Name} uses {used.Name}");
                }
            }
        }

        return uses;
    }

    /// <summary>Returns the namespace. Null for types that the compiler generates.</summary>
    private static string? Folder(Type type)
    {
        while (type.DeclaringType is { } outer)
        {
            type = outer;
        }

        return type.Namespace?.StartsWith("TcpStatExporter", StringComparison.Ordinal) == true ? type.Namespace : null;
    }

    private static IEnumerable<Type> UsedBy(Type type)
    {
        IEnumerable<Type?> direct =
        [
            type.BaseType,
            .. type.GetInterfaces(),
            .. type.GetFields(All).Select(field => field.FieldType),
            .. type.GetProperties(All).Select(property => property.PropertyType),
        ];
        var methods = type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)).ToArray();
        return direct
            .Concat(methods.SelectMany(method => method.GetParameters()).Select(parameter => parameter.ParameterType))
            .Concat(methods.OfType<MethodInfo>().Select(method => method.ReturnType))
            .Concat(methods.SelectMany(Mentioned))
            .OfType<Type>()
            .SelectMany(Parts);
    }

    /// <summary>Returns a type and the types that it consists of.</summary>
    private static IEnumerable<Type> Parts(Type type)
    {
        var plain = type.HasElementType ? type.GetElementType()! : type;
        return plain.IsGenericType ? plain.GetGenericArguments().SelectMany(Parts).Append(plain.GetGenericTypeDefinition()) : plain.IsGenericParameter ? [] : [plain];
    }

    private static IEnumerable<Type> Mentioned(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
        {
            yield break;
        }

        foreach (var local in body.LocalVariables)
        {
            yield return local.LocalType;
        }

        var code = body.GetILAsByteArray()!;
        var at = 0;
        while (at < code.Length)
        {
            var op = code[at] == 0xfe ? TwoBytes[code[at + 1]] : OneByte[code[at]];
            at += op.Size;
            if (op.OperandType is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
            {
                var member = method.Module.ResolveMember(
                    BitConverter.ToInt32(code, at),
                    method.DeclaringType?.IsGenericType == true ? method.DeclaringType.GetGenericArguments() : null,
                    method is { IsConstructor: false, IsGenericMethod: true } ? method.GetGenericArguments() : null);
                if (member is Type named)
                {
                    yield return named;
                }
                else if (member?.DeclaringType is { } owner)
                {
                    yield return owner;
                    foreach (var argument in member is MethodInfo { IsGenericMethod: true } generic ? generic.GetGenericArguments() : [])
                    {
                        yield return argument;
                    }
                }
            }

            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }
}
