/** Describes why a request does not fit its schema. */

/** A fault that the check of a request's schema found. */
export interface ValidationFault {
    readonly keyword: string
    readonly instancePath: string
    readonly message?: string
    readonly params?: Readonly<Record<string, unknown>>
}

/** Returns the fault in one line. */
export function validationMessage(fault: ValidationFault | undefined): string {
    if (!fault) return "the request cannot be read"
    const where = fault.instancePath === "" ? "the request" : `\`${fault.instancePath.slice(1).replaceAll("/", ".")}\``
    const unknownField = fault.params?.additionalProperty
    if (typeof unknownField === "string") return `${where} has an unknown field \`${unknownField.slice(0, 60)}\``
    return `${where} ${fault.message ?? "is not valid"}`.slice(0, 200)
}
