namespace KubeSharp.ApiMachinery.Validation;

/// <summary>Format checks.</summary>
public static class NameValidation
{
}
