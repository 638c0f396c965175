using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;
using KubeSharp.ApiServer.Registry.Storage;

namespace KubeSharp.ApiServer.Registry.Resource;

/// <summary>What drivers report of a claim's devices (validateDeviceStatus in pkg/apis/resource/validation/validation.go,
/// dropDeallocatedStatusDevices in pkg/registry/resource/resourceclaim/strategy.go, v1.36).</summary>
internal static class DeviceStatusValidation
{
    private const int MaxConditions = 8;
    private const int MaxDataLength = 10 * 1024;
    private const int MaxInterfaceName = 256;
    private const int MaxHardwareAddress = 128;
    private const int MaxIps = 16;

    /// <summary>Checks status.devices against the allocation of the same status.</summary>
    public static void Validate(FieldErrorList errors, Map status, FieldPath path)
    {
        var devices = status.List("devices");
        var allocated = Allocated(status);
        HashSet<(string, string, string, string)> seen = [];
        for (var i = 0; i < devices.Count; i++)
        {
            ValidateDevice(errors, devices.At(i), path.Index(i), allocated);
            if (!seen.Add(Identity(devices.At(i))))
                errors.Duplicate(path.Index(i), Print(devices.At(i)));
        }
    }

    /// <summary>Drops what is reported of devices that the claim has just lost.</summary>
    public static void DropDeallocated(Map obj, Map old)
    {
        if (obj.Sub("status").List("devices") is not { Count: > 0 } devices)
            return;
        var gone = Allocated(old.Sub("status"));
        gone.ExceptWith(Allocated(obj.Sub("status")));
        if (!devices.Any(device => gone.Contains(Identity(device.AsMap ?? Map.Empty))))
            return;
        var kept = new Sequence(devices.Count);
        foreach (var device in devices)
        {
            if (!gone.Contains(Identity(device.AsMap ?? Map.Empty)))
                kept.Add(device);
        }

        if (kept.Count > 0)
            obj.EditMap("status").Set("devices", kept);
        else
            obj.EditMap("status").Remove("devices");
    }

    private static void ValidateDevice(FieldErrorList errors, Map device, FieldPath path, HashSet<(string, string, string, string)> allocated)
    {
        CsiValidation.ValidateDriverName(errors, device.Text("driver"), path.Child("driver"));
        DeviceNames.ValidatePool(errors, device.Text("pool"), path.Child("pool"));
        DeviceClaimValidation.ValidateLabelName(errors, device.Text("device"), path.Child("device"));
        if (!allocated.Contains(Identity(device)))
            errors.Invalid(path, Print(device), "must be an allocated device in the claim");
        var conditions = device.List("conditions");
        if (conditions.Count > MaxConditions)
            errors.Add(FieldError.TooMany(path.Child("conditions"), conditions.Count, MaxConditions));
        ConditionValidation.Validate(errors, conditions, path.Child("conditions"));
        if (device.Has("data"))
            DeviceClaimValidation.ValidateRaw(errors, device["data"], path.Child("data"), MaxDataLength);
        if (device.GetMap("networkData") is { } network)
            ValidateNetwork(errors, network, path.Child("networkData"));
    }

    private static void ValidateNetwork(FieldErrorList errors, Map network, FieldPath path)
    {
        foreach (var (field, maximum) in ((string, int)[])[("interfaceName", MaxInterfaceName), ("hardwareAddress", MaxHardwareAddress)])
        {
            if (System.Text.Encoding.UTF8.GetByteCount(network.Text(field)) > maximum)
                errors.Add(FieldError.TooLong(path.Child(field), maximum));
        }

        var ips = network.List("ips");
        if (!DeviceClaimValidation.IsWithin(errors, ips, MaxIps, path.Child("ips")))
            return;
        for (var i = 0; i < ips.Count; i++)
            IpValidation.IsValidInterfaceAddress(errors, path.Child("ips").Index(i), ips.TextAt(i));
        DeviceClaimValidation.ValidateUnique(errors, ips, path.Child("ips"));
    }

    private static HashSet<(string Driver, string Pool, string Device, string Share)> Allocated(Map status) =>
        [.. status.Sub("allocation").Sub("devices").List("results").Select(result => Identity(result.AsMap ?? Map.Empty))];

    private static (string Driver, string Pool, string Device, string Share) Identity(Map device) =>
        (device.Text("driver"), device.Text("pool"), device.Text("device"), device.Text("shareID"));

    private static Map Print(Map device)
    {
        var (driver, pool, name, share) = Identity(device);
        return new Map(4) { { "Driver", driver }, { "Pool", pool }, { "Device", name }, { "ShareID", share } };
    }
}
