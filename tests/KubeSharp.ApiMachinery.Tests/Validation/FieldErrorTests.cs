using KubeSharp.ApiMachinery.Documents;
using KubeSharp.ApiMachinery.Validation;

namespace KubeSharp.ApiMachinery.Tests.Validation;

public class FieldErrorTests
{
    private static readonly FieldPath Path = new FieldPath("spec").Child("items").Index(3).Child("labels").Key("a/b");

    // apimachinery/pkg/util/validation/field/errors.go and errors_test.go.
    public static TheoryData<string, FieldError> Errors => new()
    {
        { "spec.items[3].labels[a/b]: Required value: tell me", FieldError.Required(Path, "tell me") },
        { "f: Invalid value: \"a\\\"b\\n\": no", FieldError.Invalid(new FieldPath("f"), "a\"b\n", "no") },
        { "f: Invalid value: null: no", FieldError.Invalid(new FieldPath("f"), Value.Null, "no") },
        { "f: Invalid value: {\"a\":[1,true,null,\"\\u003cx\\u003e\"]}: no", FieldError.Invalid(new FieldPath("f"), new Map { { "a", new Sequence { 1, true, Value.Null, "<x>" } } }, "no") },
        { "f: Invalid value: 1.5: no", FieldError.Invalid(new FieldPath("f"), 1.5, "no") },
        { "f: Invalid value: 1e+21: no", FieldError.Invalid(new FieldPath("f"), 1e21, "no") },
        { "f: Invalid value: 1e-05: no", FieldError.Invalid(new FieldPath("f"), 0.00001, "no") },
        { "f: Invalid value: 100000: no", FieldError.Invalid(new FieldPath("f"), 100000.0, "no") },
        { "f: Unsupported value: \"x\": supported values: \"a\", \"b\"", FieldError.NotSupported(new FieldPath("f"), "x", "a", "b") },
        { "f: Too long: may not be more than 5 bytes", FieldError.TooLong(new FieldPath("f"), 5) },
        { "f: Too long: may not be more than 1 byte", FieldError.TooLong(new FieldPath("f"), 1) },
        { "f: Too long: value is too long", FieldError.TooLong(new FieldPath("f"), -1) },
        { "f: Too many: 4: must have at most 3 items", FieldError.TooMany(new FieldPath("f"), 4, 3) },
        { "f: Too many: must have at most 1 item", FieldError.TooMany(new FieldPath("f"), -1, 1) },
        { "f: Too few: 0: must have at least 1 item", FieldError.TooFew(new FieldPath("f"), 0, 1) },
        { "f: Duplicate value: \"x\"", FieldError.Duplicate(new FieldPath("f"), "x") },
        { "f: Not found: \"x\"", FieldError.NotFound(new FieldPath("f"), "x") },
        { "f: Forbidden: not here", FieldError.Forbidden(new FieldPath("f"), "not here") },
        { "f: Internal error: boom", FieldError.InternalError(new FieldPath("f"), "boom") },
    };

    [Theory]
    [MemberData(nameof(Errors))]
    public void Prints_as_upstream(string expected, FieldError error) => Assert.Equal(expected, error.Error());
}
