using System.Buffers;
using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ControllerManager.Deployment;

/// <summary>
/// The pod-template-hash label: FNV-1a over the template in the alphabet of generated names.
/// Differs: upstream hashes Go's print of the struct (controller_utils.go ComputeHash); the value only has to be stable.
/// </summary>
internal static class TemplateHash
{
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    public static string Of(Map template, long collisions)
    {
        var json = new ArrayBufferWriter<byte>(1024);
        JsonEncoder.Encode(template, json);
        var hash = 2166136261u;
        foreach (var b in json.WrittenSpan)
            hash = (hash ^ b) * 16777619u;
        for (; collisions > 0; collisions /= 10)
            hash = (hash ^ (uint)(collisions % 10 + 1)) * 16777619u;
        return string.Create(10, hash, static (span, value) =>
        {
            var digits = value.ToString(System.Globalization.CultureInfo.InvariantCulture).PadLeft(10, '0');
            for (var i = 0; i < span.Length; i++)
                span[i] = Alphabet[digits[i] % Alphabet.Length];
        });
    }
}
