using KubeSharp.ApiMachinery.Codecs;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.ManagedFields;

namespace KubeSharp.ApiMachinery.Tests.ManagedFields;

/// <summary>The cases of managedfields/managedfieldstest/scalehandler_test.go, in short.</summary>
public sealed class ScaleManagedFieldsTests
{
    private const string Owner = """{"manager":"one","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{},"f:selector":{}}}}""";
    private const string Stranger = """{"manager":"two","operation":"Update","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:paused":{}}}}""";
    private const string ScaleOwner = """{"manager":"one","operation":"Apply","apiVersion":"autoscaling/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}}}""";

    private static readonly ScaleManagedFields Fields = new("apps/v1", version => version is "apps/v1" or "apps/v1beta1" ? ["spec", "replicas"] : null);

    [Fact]
    public void Only_owners_of_the_replicas_own_the_scale() => Assert.Equal(Read(ScaleOwner), Fields.ToSubresource(Read(Owner, Stranger)).AsSequence);

    [Fact]
    public void An_owner_that_stays_keeps_its_entry_as_it_is() => Assert.Equal(Read(Owner, Stranger), Fields.ToParent(Read(Owner, Stranger), Read(ScaleOwner)).AsSequence);

    [Fact]
    public void An_owner_that_goes_loses_the_replicas_alone() => Assert.Equal(
        Read("""{"manager":"one","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:selector":{}}}}""", Stranger),
        Fields.ToParent(Read(Owner, Stranger), null).AsSequence);

    [Fact]
    public void A_new_owner_of_the_scale_owns_the_replicas()
    {
        const string scaler = """{"manager":"scaler","operation":"Apply","apiVersion":"autoscaling/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}},"subresource":"scale"}""";
        var after = Fields.ToParent(Read(Stranger), Read(scaler)).AsSequence!;
        Assert.Equal(Read("""{"manager":"scaler","operation":"Apply","apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:replicas":{}}},"subresource":"scale"}""", Stranger), after);
    }

    [Fact]
    public void Entries_of_versions_that_are_not_known_are_dropped() =>
        Assert.True(Fields.ToParent(Read(Owner.Replace("apps/v1", "apps/v9", StringComparison.Ordinal)), null).IsUndefined);

    private static Sequence Read(params string[] entries) => JsonDecoder.DecodeValue(System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', entries)}]")).AsSequence!;
}
