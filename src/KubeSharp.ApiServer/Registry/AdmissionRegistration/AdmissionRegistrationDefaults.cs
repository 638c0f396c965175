using KubeSharp.ApiMachinery.Documents;
using static KubeSharp.ApiServer.Registry.Core.PodSpecDefaults;

namespace KubeSharp.ApiServer.Registry.AdmissionRegistration;

/// <summary>pkg/apis/admissionregistration/v1/defaults.go.</summary>
internal static class AdmissionRegistrationDefaults
{
    public static void ApplyToMutatingWebhooks(Map obj) => Each(obj, "webhooks", hook =>
    {
        ApplyToWebhook(hook);
        Default(hook, "reinvocationPolicy", "Never", keepEmpty: true);
    });

    public static void ApplyToValidatingWebhooks(Map obj) => Each(obj, "webhooks", ApplyToWebhook);

    public static void ApplyToPolicy(Map obj)
    {
        var spec = obj.EditMap("spec");
        Default(spec, "failurePolicy", "Fail", keepEmpty: true);
        Sub(spec, "matchConstraints", ApplyToMatch);
    }

    public static void ApplyToBinding(Map obj) => Sub(obj, "spec", spec => Sub(spec, "matchResources", ApplyToMatch));

    private static void ApplyToWebhook(Map hook)
    {
        Sub(hook, "clientConfig", config => Sub(config, "service", service => Default(service, "port", 443)));
        Default(hook, "failurePolicy", "Fail", keepEmpty: true);
        ApplyToSelection(hook);
        Default(hook, "timeoutSeconds", 10);
        Each(hook, "rules", rule => Default(rule, "scope", "*", keepEmpty: true));
    }

    private static void ApplyToMatch(Map match)
    {
        ApplyToSelection(match);
        Each(match, "resourceRules", rule => Default(rule, "scope", "*", keepEmpty: true));
        Each(match, "excludeResourceRules", rule => Default(rule, "scope", "*", keepEmpty: true));
    }

    private static void ApplyToSelection(Map holder)
    {
        Default(holder, "matchPolicy", "Equivalent", keepEmpty: true);
        Default(holder, "namespaceSelector", new Map(0));
        Default(holder, "objectSelector", new Map(0));
    }
}
