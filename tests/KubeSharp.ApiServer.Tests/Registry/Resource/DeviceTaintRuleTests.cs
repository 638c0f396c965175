using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiServer.Registry.Resource;

namespace KubeSharp.ApiServer.Tests.Registry.Resource;

/// <summary>Cases of pkg/apis/resource/validation/validation_devicetaint_test.go and pkg/registry/resource/devicetaintrule/strategy_test.go, v1.36.</summary>
public sealed class DeviceTaintRuleTests
{
    private const string Valid = """{"metadata":{"name":"r","resourceVersion":"1"},"spec":{"deviceSelector":{"driver":"d.example.com","pool":"p","device":"d"},"taint":{"key":"example.com/t","value":"v","effect":"NoExecute","timeAdded":"2026-04-01T12:00:00Z"}}}""";

    private readonly DeviceTaintRuleStrategy _strategy = new(new At(new DateTimeOffset(2026, 4, 1, 13, 0, 0, TimeSpan.Zero)));

    [Theory]
    [InlineData("{}", "")]
    [InlineData("""{"spec":{"taint":{"effect":"None"}}}""", "")]
    [InlineData("""{"spec":{"taint":{"effect":""}}}""", "spec.taint.effect: Required value")]
    [InlineData("""{"spec":{"taint":{"effect":"Odd"}}}""", "spec.taint.effect: Unsupported value: \"Odd\": supported values: \"NoExecute\", \"NoSchedule\", \"None\"")]
    [InlineData("""{"spec":{"deviceSelector":{"pool":""}}}""", "spec.deviceSelector.pool: Required value")]
    [InlineData("""{"spec":{"deviceSelector":{"driver":""}}}""", "spec.deviceSelector.driver: Required value")]
    public void OnCreate(string patch, string expected) =>
        ValidationAssert.Errors(expected, errors => _strategy.Validate(null!, ValidationAssert.Patched(Valid, patch), errors));

    [Fact]
    public void An_effect_that_is_not_known_any_more_may_stay()
    {
        var old = ValidationAssert.Patched(Valid, """{"spec":{"taint":{"effect":"Odd"}}}""");
        ValidationAssert.Errors("", errors => _strategy.ValidateUpdate(null!, old.DeepClone(), old, errors));
    }

    [Fact]
    public void Too_many_conditions()
    {
        var conditions = string.Join(',', Enumerable.Range(0, 9).Select(i => $$$"""{"type":"T{{{i}}}","status":"True","reason":"R","lastTransitionTime":"2026-04-01T12:00:00Z"}"""));
        ValidationAssert.Errors(
            "status.conditions: Too many: 9: must have at most 8 items",
            errors => _strategy.ValidateStatusUpdate(null!, ValidationAssert.Patched(Valid, $$$"""{"status":{"conditions":[{{{conditions}}}]}}"""), ValidationAssert.Parse(Valid), errors));
    }

    [Theory]
    [InlineData("""{"spec":{"taint":{"effect":"NoSchedule"}}}""", "2026-04-01T13:00:00Z")]
    [InlineData("""{"spec":{"taint":{"effect":"NoSchedule","timeAdded":"2026-04-01T12:30:00Z"}}}""", "2026-04-01T12:30:00Z")]
    [InlineData("""{"spec":{"taint":{"value":"w"}}}""", "2026-04-01T12:00:00Z")]
    public void The_time_follows_the_effect(string patch, string expected)
    {
        var obj = ValidationAssert.Patched(Valid, patch);
        _strategy.FollowEffect(obj, ValidationAssert.Parse(Valid));
        Assert.Equal(expected, obj.GetMap("spec")!.GetMap("taint")!.GetString("timeAdded"));
    }

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
