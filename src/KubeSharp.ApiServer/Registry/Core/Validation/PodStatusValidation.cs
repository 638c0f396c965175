using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Validation;
using KubeSharp.ApiServer.Registry.Meta;

namespace KubeSharp.ApiServer.Registry.Core.Validation;

/// <summary>The status of pods (ValidatePodStatusUpdate in pkg/apis/core/validation/validation.go, v1.36).</summary>
internal static class PodStatusValidation
{
    private static readonly FieldPath Status = MetadataValidation.Status;
    private static readonly GroupVersionKind Pod = new("", "v1", "Pod");
    private static readonly string[] HealthValues = ["Healthy", "Unhealthy", "Unknown"];

    public static void ValidateUpdate(OperationContext context, Map obj, Map old, FieldErrorList errors)
    {
        var (spec, status, before) = (obj.Sub("spec"), obj.Sub("status"), old.Sub("status"));
        MetadataValidation.ValidateUpdate(errors, obj, old);
        PodAnnotationValidation.ValidateUpdate(errors, obj.Sub("metadata").Sub("annotations"), old.Sub("metadata").Sub("annotations"), MetadataValidation.Path.Child("annotations"));
        ValidateConditions(errors, status.List("conditions"));
        ValidateNomination(errors, status.Text("nominatedNodeName"), before.Text("nominatedNodeName"), old.Sub("spec").Text("nodeName").Length > 0);
        if (status.Number("observedGeneration") < 0)
            errors.Invalid(Status.Child("observedGeneration"), status.Number("observedGeneration"), "must be a non-negative integer");
        if (status.Text("qosClass") != before.Text("qosClass"))
            errors.Invalid(Status.Child("qosClass"), status.Text("qosClass"), ValidationMessages.FieldImmutable);
        ContainerTransitions.Validate(errors, status, before, old.Sub("spec"), Status);
        ValidateClaims(errors, status.List("resourceClaimStatuses"), spec.List("resourceClaims"));
        if (status.GetMap("extendedResourceClaimStatus") is { } extended)
            ValidateExtendedClaim(errors, extended, spec, Status.Child("extendedResourceClaimStatus"));
        ValidateAddresses(errors, status, before, "podIPs");
        if (status.List("hostIPs") is { Count: > 0 } hosts && status.Text("hostIP") != hosts.At(0).Text("ip"))
            errors.Invalid(Status.Child("hostIPs").Index(0).Child("ip"), hosts.At(0).Text("ip"), "must be equal to `hostIP`");
        ValidateAddresses(errors, status, before, "hostIPs");
        foreach (var list in ContainerTransitions.Lists)
            ValidateUsers(errors, status.List(list), spec.GetMap("os"), Status.Child(list));
        ValidateAllocated(errors, status.List("containerStatuses"), spec.List("containers"), Status.Child("containerStatuses"));
        ValidateAllocated(errors, status.List("initContainerStatuses"), spec.List("initContainers"), Status.Child("initContainerStatuses"));
        var ephemeral = status.List("ephemeralContainerStatuses");
        for (var i = 0; i < ephemeral.Count; i++)
        {
            if (ephemeral.At(i).List("allocatedResourcesStatus").Count > 0)
                errors.Forbidden(Status.Child("ephemeralContainerStatuses").Index(i).Child("allocatedResourcesStatus"), "must not be specified in container status");
        }
    }

    private static void ValidateConditions(FieldErrorList errors, Sequence conditions)
    {
        for (var i = 0; i < conditions.Count; i++)
        {
            var (type, path) = (conditions.At(i).Text("type"), Status.Child("conditions").Index(i));
            if (conditions.At(i).Number("observedGeneration") < 0)
                errors.Invalid(path.Child("observedGeneration"), conditions.At(i).Number("observedGeneration"), "must be a non-negative integer");
            if (type is not ("PodScheduled" or "Ready" or "Initialized"))
                errors.AddInvalid(path.Child("Type"), type, NameValidation.IsQualifiedName(type));
        }
    }

    private static void ValidateNomination(FieldErrorList errors, string node, string before, bool isBound)
    {
        if (node == before || node.Length == 0)
            return;
        MetadataValidation.Name(errors, node, NameRules.DnsSubdomain, Status.Child("nominatedNodeName"));
        if (isBound)
            errors.Forbidden(Status.Child("nominatedNodeName"), "may not be set on pods that are already bound to a node");
    }

    private static void ValidateClaims(FieldErrorList errors, Sequence statuses, Sequence claims)
    {
        HashSet<string>? seen = null;
        for (var i = 0; i < statuses.Count; i++)
        {
            var (name, path) = (statuses.At(i).Text("name"), Status.Child("resourceClaimStatuses").Index(i));
            var known = false;
            foreach (var claim in claims)
                known |= claim.AsMap.Text("name") == name;
            if (!known)
                errors.Invalid(path.Child("name"), name, "must match the name of an entry in `spec.resourceClaims`");
            if (!(seen ??= new(StringComparer.Ordinal)).Add(name))
                errors.Duplicate(path.Child("name"), name);
            if (statuses.At(i).GetString("resourceClaimName") is { } claimName)
                MetadataValidation.Name(errors, claimName, NameRules.DnsSubdomain, path.Child("resourceClaimName"));
        }
    }

    private static void ValidateExtendedClaim(FieldErrorList errors, Map claim, Map spec, FieldPath path)
    {
        var mappings = claim.List("requestMappings");
        if (mappings.Count == 0)
            errors.Required(path.Child("requestMappings"), "at least one request mapping is required");
        var seen = new HashSet<(string, string, string)>();
        for (var i = 0; i < mappings.Count; i++)
        {
            var (mapping, at) = (mappings.At(i), path.Child("requestMappings").Index(i));
            var (container, resource, request) = (mapping.Text("containerName"), mapping.Text("resourceName"), mapping.Text("requestName"));
            if (Find(spec.List("containers"), container) is not { } found && (found = Find(spec.List("initContainers"), container)!) is null)
                errors.Invalid(at.Child("containerName"), container, "must match the name of an entry in spec.initContainers.name or spec.containers.name");
            else if (!found.Sub("resources").Sub("requests").Has(resource))
                errors.Invalid(at.Child("resourceName"), resource, "must match the extended resource name of an entry in spec.initContainers.resources.requests or spec.containers.resources.requests");
            errors.AddInvalid(path.Child("requestName"), request, NameValidation.IsDns1123Label(request));
            if (seen.Add((container, resource, request)))
                continue;
            errors.Duplicate(at.Child("containerName"), container);
            errors.Duplicate(at.Child("resourceName"), resource);
            errors.Duplicate(at.Child("requestName"), request);
        }

        MetadataNameOrRequired(errors, claim.Text("resourceClaimName"), path.Child("resourceClaimName"));
    }

    private static void MetadataNameOrRequired(FieldErrorList errors, string name, FieldPath path)
    {
        if (name.Length == 0)
            errors.Required(path);
        else
            MetadataValidation.Name(errors, name, NameRules.DnsSubdomain, path);
    }

    private static Map? Find(Sequence containers, string name)
    {
        foreach (var container in containers)
        {
            if (container.AsMap.Text("name") == name)
                return container.AsMap;
        }

        return null;
    }

    /// <summary>Valid ones, unless they were there before; and of each family at most one.</summary>
    private static void ValidateAddresses(FieldErrorList errors, Map status, Map before, string list)
    {
        var (addresses, path) = (status.List(list), Status.Child(list));
        if (addresses.Count == 0)
            return;
        var (four, six, unreadable) = (0, 0, -1);
        for (var i = 0; i < addresses.Count; i++)
        {
            var address = addresses.At(i).Text("ip");
            if (!HasAddress(before.List(list), address))
                IpValidation.IsValidIpForLegacyField(errors, path.Index(i), address);
            if (!IpAddressText.TryParse(address, out var parsed, out _, out _))
            {
                unreadable = unreadable < 0 ? i : unreadable;
                continue;
            }

            if (parsed.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6)
                six++;
            else
                four++;
        }

        if (unreadable >= 0 && addresses.Count > 1)
        {
            errors.Add(FieldError.InternalError(path, $"failed to check for dual stack with error:invalid IP[{unreadable}]: {addresses.At(unreadable).Text("ip")}"));
            four = 0;
        }

        if (addresses.Count > 1 && (four == 0 || six == 0 || addresses.Count > 2))
            errors.Invalid(path, InternalForm.Of(addresses, Pod, "status", list), "may specify no more than one IP for each IP family");
    }

    private static bool HasAddress(Sequence addresses, string address)
    {
        foreach (var item in addresses)
        {
            if (item.AsMap.Text("ip") == address)
                return true;
        }

        return false;
    }

    private static void ValidateUsers(FieldErrorList errors, Sequence statuses, Map? os, FieldPath path)
    {
        for (var i = 0; i < statuses.Count; i++)
        {
            if (statuses.At(i).Sub("user").GetMap("linux") is not { } user)
                continue;
            var at = path.Index(i).Child("user", "linux");
            if (os.Text("name") == "windows")
            {
                errors.Forbidden(at, "cannot be set for a windows pod");
                continue;
            }

            foreach (var id in (ReadOnlySpan<string>)["uid", "gid"])
                errors.AddInvalid(at.Child(id), user.Number(id), NameValidation.IsValidUserOrGroupId(user.Number(id)));
            var groups = user.List("supplementalGroups");
            for (var j = 0; j < groups.Count; j++)
                errors.AddInvalid(at.Child("supplementalGroups").Index(j), groups[j], NameValidation.IsValidUserOrGroupId(groups[j].AsInteger ?? 0));
        }
    }

    private static void ValidateAllocated(FieldErrorList errors, Sequence statuses, Sequence containers, FieldPath path)
    {
        for (var i = 0; i < statuses.Count; i++)
        {
            var allocated = statuses.At(i).List("allocatedResourcesStatus");
            for (var j = 0; j < allocated.Count; j++)
            {
                var at = path.Index(i).Child("allocatedResourcesStatus").Index(j);
                if (Find(containers, statuses.At(i).Text("name")) is { } container)
                    ValidateAllocatedName(errors, allocated.At(j).Text("name"), container.Sub("resources"), at.Child("name"));
                ValidateHealth(errors, allocated.At(j).List("resources"), at.Child("resources"));
            }
        }
    }

    private static void ValidateAllocatedName(FieldErrorList errors, string name, Map resources, FieldPath path)
    {
        if (!name.StartsWith("claim:", StringComparison.Ordinal))
        {
            if (!resources.Sub("requests").Has(name))
                errors.Invalid(path, name, "must match one of the container's resource requests");
            return;
        }

        foreach (var item in resources.List("claims"))
        {
            var (claim, request) = (item.AsMap.Text("name"), item.AsMap.Text("request"));
            if (name == (request.Length == 0 ? $"claim:{claim}" : $"claim:{claim}/{request}"))
                return;
        }

        errors.Invalid(path, name, "must match one of the container's resource claims in a format 'claim:<claimName>/<request>' or 'claim:<claimName>' if request is empty");
    }

    private static void ValidateHealth(FieldErrorList errors, Sequence resources, FieldPath path)
    {
        const int MaxMessage = 256;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < resources.Count; i++)
        {
            errors.OneOf(path.Index(i), "health", resources.At(i).Text("health"), HealthValues);
            if (resources.At(i).GetString("message") is { Length: 0 })
                errors.Required(path.Index(i).Child("message"), "must be non-empty if specified");
            else if (Encoding.UTF8.GetByteCount(resources.At(i).Text("message")) > MaxMessage)
                errors.Add(FieldError.TooLong(path.Index(i).Child("message"), MaxMessage));
            if (!seen.Add(resources.At(i).Text("resourceID")))
                errors.Duplicate(path.Index(i).Child("resourceID"), resources.At(i).Text("resourceID"));
        }
    }
}
