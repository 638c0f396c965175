using System.Text;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Patches;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry;

namespace KubeSharp.ApiServer.Tests.Registry;

/// <summary>Rows of validation tests: a valid object, a merge patch that makes it another one, and the errors joined by bars.</summary>
internal static class ValidationAssert
{
    public static Map Parse(string json) => JsonDecoder.DecodeValue(Encoding.UTF8.GetBytes(json)).AsMap!;

    public static Map Patched(string json, string patch) => MergePatch.Apply(Parse(json), Parse(patch));

    public static void Errors(string expected, Action<FieldErrorList> validate)
    {
        var errors = new FieldErrorList();
        validate(errors);
        Assert.Equal(expected, string.Join('|', errors.Select(e => e.Error())));
    }

    public static void Warnings(string expected, Action<OperationContext> warn)
    {
        var context = new OperationContext { Info = null!, User = null!, Served = null! };
        warn(context);
        Assert.Equal(expected, string.Join('|', context.Warnings));
    }
}
