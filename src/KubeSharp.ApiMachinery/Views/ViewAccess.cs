using KubeSharp.ApiMachinery.Documents;

namespace KubeSharp.ApiMachinery.Views;

/// <summary>What the generated views are made of: reads with Go's zero values, writes that keep the normal form
/// (a zero that omitempty drops is removed).</summary>
internal static class ViewAccess
{
    public static string GetText(Map? map, string key) => map?[key].AsString ?? "";

    public static string? GetOptionalText(Map? map, string key) => map?[key].AsString;

    public static string GetQuantity(Map? map, string key) => map?[key].AsString ?? "0";

    public static bool GetBoolean(Map? map, string key) => map?[key].AsBoolean ?? false;

    public static bool? GetOptionalBoolean(Map? map, string key) => map?[key].AsBoolean;

    public static int GetInt32(Map? map, string key) => (int)(map?[key].AsInteger ?? 0);

    public static int? GetOptionalInt32(Map? map, string key) => (int?)map?[key].AsInteger;

    public static long GetInt64(Map? map, string key) => map?[key].AsInteger ?? 0;

    public static long? GetOptionalInt64(Map? map, string key) => map?[key].AsInteger;

    public static double? GetOptionalDouble(Map? map, string key) => map?[key].AsDouble;

    public static Value GetValue(Map? map, string key) => map is null ? default : map[key];

    public static void SetText(Map? map, string key, string? value) => map!.Set(key, string.IsNullOrEmpty(value) ? default(Value) : value);

    public static void SetRequiredText(Map? map, string key, string? value) => map!.Set(key, value ?? "");

    public static void SetBoolean(Map? map, string key, bool value) => map!.Set(key, value ? true : default(Value));

    public static void SetRequiredBoolean(Map? map, string key, bool value) => map!.Set(key, value);

    public static void SetOptionalBoolean(Map? map, string key, bool? value) => map!.Set(key, value is { } known ? known : default(Value));

    public static void SetInteger(Map? map, string key, long value) => map!.Set(key, value == 0 ? default(Value) : value);

    public static void SetRequiredInteger(Map? map, string key, long value) => map!.Set(key, value);

    public static void SetOptionalInteger(Map? map, string key, long? value) => map!.Set(key, value is { } known ? known : default(Value));

    public static void SetOptionalDouble(Map? map, string key, double? value) => map!.Set(key, value is { } known ? known : default(Value));
}
