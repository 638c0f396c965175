using System.Globalization;
using System.Text;
using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Schemas;
using KubeSharp.ApiMachinery.Text;

namespace KubeSharp.ApiMachinery.Validation;

/// <summary>Checks of the <c>metadata</c> map that all kinds share; <c>path</c> is usually <c>metadata</c>.
/// Follows apimachinery/pkg/api/validation/objectmeta.go, v1.36. Name generation is done before.</summary>
public static class ObjectMetaValidation
{
    public const int TotalAnnotationSizeLimit = 256 * 1024;

    private const string OrphanDependents = "orphan";
    private const string ForegroundDeletion = "foregroundDeletion";

    /// <summary>On creation.</summary>
    public static void Validate(FieldErrorList errors, Map metadata, bool requiresNamespace, ValidateName nameRule, FieldPath path)
    {
        if (metadata.GetString("generateName") is { Length: > 0 } generateName)
            errors.AddInvalid(path.Child("generateName"), generateName, nameRule(generateName, true));
        if (metadata.GetString("name") is { Length: > 0 } name)
            errors.AddInvalid(path.Child("name"), name, nameRule(name, false));
        else
            errors.Add(FieldError.Required(path.Child("name"), "name or generateName is required"));

        var ns = metadata.GetString("namespace") ?? "";
        if (!requiresNamespace && ns.Length > 0)
            errors.Add(FieldError.Forbidden(path.Child("namespace"), "not allowed on this type"));
        else if (requiresNamespace && ns.Length == 0)
            errors.Add(FieldError.Required(path.Child("namespace"), ""));
        else if (requiresNamespace)
            errors.AddInvalid(path.Child("namespace"), ns, NameRules.DnsLabel(ns, false));

        ValidateNonNegative(errors, metadata.GetInteger("generation") ?? 0, path.Child("generation"));
        LabelValidation.ValidateLabels(errors, metadata.GetMap("labels"), path.Child("labels"));
        ValidateAnnotations(errors, metadata.GetMap("annotations"), path.Child("annotations"));
        ValidateOwnerReferences(errors, metadata.GetSequence("ownerReferences"), path.Child("ownerReferences"));
        ValidateFinalizers(errors, metadata.GetSequence("finalizers"), path.Child("finalizers"));
        ValidateManagedFields(errors, metadata.GetSequence("managedFields"), path.Child("managedFields"));
    }

    /// <summary>On update, against the stored object's metadata.</summary>
    public static void ValidateUpdate(FieldErrorList errors, Map metadata, Map oldMetadata, FieldPath path)
    {
        if (!oldMetadata["deletionTimestamp"].IsNullOrUndefined)
            ValidateNoNewFinalizers(errors, metadata.GetSequence("finalizers"), oldMetadata.GetSequence("finalizers"), path.Child("finalizers"));
        if (string.IsNullOrEmpty(metadata.GetString("resourceVersion")))
            errors.Add(FieldError.Invalid(path.Child("resourceVersion"), "", "must be specified for an update"));
        var generation = metadata.GetInteger("generation") ?? 0;
        if (generation < (oldMetadata.GetInteger("generation") ?? 0))
            errors.Add(FieldError.Invalid(path.Child("generation"), generation, "must not be decremented"));

        foreach (var key in (ReadOnlySpan<string>)["name", "namespace", "uid"])
            ValidateImmutable(errors, metadata.GetString(key) ?? "", oldMetadata.GetString(key) ?? "", path.Child(key));
        foreach (var key in (ReadOnlySpan<string>)["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"])
            ValidateImmutable(errors, OrNull(metadata[key]), OrNull(oldMetadata[key]), path.Child(key));

        LabelValidation.ValidateLabels(errors, metadata.GetMap("labels"), path.Child("labels"));
        ValidateAnnotations(errors, metadata.GetMap("annotations"), path.Child("annotations"));
        ValidateOwnerReferences(errors, metadata.GetSequence("ownerReferences"), path.Child("ownerReferences"));
        ValidateManagedFields(errors, metadata.GetSequence("managedFields"), path.Child("managedFields"));
    }

    /// <summary>The value must be deeply equal to the stored one.</summary>
    public static void ValidateImmutable(FieldErrorList errors, Value value, Value oldValue, FieldPath path)
    {
        if (!value.Equals(oldValue))
            errors.Add(FieldError.Invalid(path, value, ValidationMessages.FieldImmutable));
    }

    public static void ValidateNonNegative(FieldErrorList errors, long value, FieldPath path)
    {
        if (value < 0)
            errors.Add(FieldError.Invalid(path, value, ValidationMessages.Negative));
    }

    /// <summary>Keys in any case, and at most 256 KiB of keys and values together.</summary>
    public static void ValidateAnnotations(FieldErrorList errors, Map? annotations, FieldPath path)
    {
        long size = 0;
        foreach (var (key, value) in annotations ?? Map.Empty)
        {
            errors.AddInvalid(path, key, NameValidation.IsQualifiedName(key.ToLowerInvariant()));
            size += Encoding.UTF8.GetByteCount(key) + Encoding.UTF8.GetByteCount(value.AsString ?? "");
        }

        if (size > TotalAnnotationSizeLimit)
            errors.Add(FieldError.TooLong(path, TotalAnnotationSizeLimit));
    }

    public static void ValidateOwnerReferences(FieldErrorList errors, Sequence? references, FieldPath path)
    {
        var controller = "";
        foreach (var item in references ?? Sequence.Empty)
        {
            if (item.AsMap is not { } reference)
                continue;
            ValidateOwnerReference(errors, reference, path);
            if (reference.GetBoolean("controller") != true)
                continue;
            var current = $"{reference.GetString("kind")}/{reference.GetString("name")}";
            if (controller.Length == 0)
            {
                controller = current;
                continue;
            }

            errors.Add(FieldError.Invalid(path, references,
                $"Only one reference can have Controller set to true. Found \"true\" in references for {controller} and {current}"));
        }
    }

    public static void ValidateFinalizers(FieldErrorList errors, Sequence? finalizers, FieldPath path)
    {
        var (orphan, foreground) = (false, false);
        foreach (var item in finalizers ?? Sequence.Empty)
        {
            var finalizer = item.AsString ?? "";
            errors.AddInvalid(path, finalizer, NameValidation.IsQualifiedName(finalizer));
            orphan |= finalizer == OrphanDependents;
            foreground |= finalizer == ForegroundDeletion;
        }

        if (orphan && foreground)
            errors.Add(FieldError.Invalid(path, finalizers, $"finalizer {OrphanDependents} and {ForegroundDeletion} cannot be both set"));
    }

    public static void ValidateManagedFields(FieldErrorList errors, Sequence? entries, FieldPath path)
    {
        for (var i = 0; i < (entries?.Count ?? 0); i++)
        {
            if (entries![i].AsMap is not { } entry)
                continue;
            var at = path.Index(i);
            var operation = entry.GetString("operation") ?? "";
            if (operation is not ("Apply" or "Update"))
                errors.Add(FieldError.Invalid(at.Child("operation"), operation, "must be `Apply` or `Update`"));
            if (entry.GetString("fieldsType") is { Length: > 0 } type && type != "FieldsV1")
                errors.Add(FieldError.Invalid(at.Child("fieldsType"), type, "must be `FieldsV1`"));
            ValidateFieldManager(errors, entry.GetString("manager") ?? "", at.Child("manager"));
            if (Encoding.UTF8.GetByteCount(entry.GetString("subresource") ?? "") > 256)
                errors.Add(FieldError.TooLong(at.Child("subresource"), 256));
        }
    }

    /// <summary>A field manager's name: at most 128 bytes, printable. Also the query parameter's check.</summary>
    public static void ValidateFieldManager(FieldErrorList errors, string fieldManager, FieldPath path)
    {
        if (Encoding.UTF8.GetByteCount(fieldManager) > 128)
            errors.Add(FieldError.TooLong(path, 128));
        var position = 0;
        foreach (var rune in fieldManager.EnumerateRunes())
        {
            if (!GoText.IsPrint(rune))
                errors.Add(FieldError.Invalid(path, fieldManager, string.Create(CultureInfo.InvariantCulture, $"invalid character U+{rune.Value:X4} (at position {position})")));
            position += rune.Utf8SequenceLength;
        }
    }

    private static void ValidateOwnerReference(FieldErrorList errors, Map reference, FieldPath path)
    {
        var apiVersion = reference.GetString("apiVersion") ?? "";
        var kind = reference.GetString("kind") ?? "";
        var kindOfOwner = GroupVersion.TryParse(apiVersion, out var groupVersion) ? groupVersion.WithKind(kind) : new GroupVersionKind("", "", kind);
        if (kindOfOwner.Version.Length == 0)
            errors.Add(FieldError.Invalid(path.Child("apiVersion"), apiVersion, "version must not be empty"));
        foreach (var key in (ReadOnlySpan<string>)["kind", "name", "uid"])
        {
            if (string.IsNullOrEmpty(reference.GetString(key)))
                errors.Add(FieldError.Invalid(path.Child(key), "", "must not be empty"));
        }

        if (kindOfOwner == new GroupVersionKind("", "v1", "Event"))
            errors.Add(FieldError.Invalid(path, reference, $"{kindOfOwner} is disallowed from being an owner"));
    }

    private static void ValidateNoNewFinalizers(FieldErrorList errors, Sequence? finalizers, Sequence? oldFinalizers, FieldPath path)
    {
        var old = (oldFinalizers ?? Sequence.Empty).Select(item => item.AsString ?? "").ToHashSet(StringComparer.Ordinal);
        var extra = (finalizers ?? Sequence.Empty).Select(item => item.AsString ?? "").Where(item => !old.Contains(item))
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Select(GoText.Quote).ToList();
        if (extra.Count > 0)
        {
            errors.Add(FieldError.Forbidden(path,
                $"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{string.Join(", ", extra)}}}"));
        }
    }

    private static Value OrNull(Value value) => value.IsUndefined ? Value.Null : value;
}
