/** Request and answer types of the routes of approvals. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, enumOf } from "../../kernel/schemas.ts"
import { operatorRoles } from "../identity/person.ts"
import { assertionField } from "../identity/passkeys/schemas.ts"
import { type ApprovalState, type Effects, type VoidReason, signedTogetherMax } from "./approval.ts"

const namedPerson = Type.Object({ id: Type.String(), name: Type.String() })

const approvalAnswer = Type.Object({
    id: Type.String(),
    state: enumOf<ApprovalState>(),
    action: Type.String(),
    /** The effects exactly as hashed. */
    effects: Type.Unsafe<Omit<Effects, "detail"> & { detail?: unknown }>(Type.Unknown()),
    effectsHash: Type.String(),
    text: Type.Unsafe<Readonly<Record<string, unknown>> | null>(Type.Unknown()),
    requestedBy: namedPerson,
    requestedAt: Type.String(),
    signedBy: orNull(namedPerson),
    signedAt: textOrNull,
    appliedAt: textOrNull,
    voidedAt: textOrNull,
    voidReason: orNull(enumOf<VoidReason>()),
    /** When it expires unsigned or unapplied. */
    expiresAt: textOrNull,
    maySign: Type.Boolean(),
})

export const staffChangeAnswer = Type.Object({
    done: Type.Boolean(),
    approval: textOrNull,
    id: Type.Optional(Type.String()),
})

const rolesField = Type.Array(Type.Enum([...operatorRoles]), {
    minItems: 1,
    maxItems: operatorRoles.length,
})

const approvalField = Type.Optional(id)

export const approvalStateAnswer = Type.Object({ id: Type.String(), state: Type.String() })

export const approvalsAnswer = Type.Object({ pending: Type.Array(approvalAnswer), recent: Type.Array(approvalAnswer) })

const effectsHash = Type.String({ pattern: "^[0-9a-f]{64}$" })

export const signApprovalBody = Type.Object({ effectsHash, assertion: Type.Optional(assertionField) }, closed)

/** In lower case, as the audit log writes them. */
const approvalId = Type.String({ pattern: "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$" })
const signedEffects = Type.Object({ approval: approvalId, effectsHash }, closed)
const signedTogether = Type.Array(signedEffects, { minItems: 1, maxItems: signedTogetherMax })

export const signatureOptionsBody = Type.Object({ approvals: signedTogether }, closed)

export const signApprovalsBody = Type.Object(
    { approvals: signedTogether, assertion: Type.Optional(assertionField) },
    closed,
)

export const signatureAnswer = Type.Object({
    /** Null: signed without a passkey, or not signed. */
    signature: orNull(
        Type.Object({
            approvals: Type.Array(Type.Object({ approval: Type.String(), effectsHash: Type.String() })),
            person: Type.String(),
            passkey: Type.String(),
            publicKey: Type.String(),
            clientDataJSON: Type.String(),
            authenticatorData: Type.String(),
            signature: Type.String(),
        }),
    ),
})

export const newStaffBody = Type.Object(
    { name: Type.String(), mail: Type.String(), roles: rolesField, approval: approvalField },
    closed,
)

export const recoverStaffBody = Type.Object({ urgent: Type.Optional(Type.Boolean()), approval: approvalField }, closed)

export const setRolesBody = Type.Object({ roles: rolesField, approval: approvalField }, closed)

export const setRolesAnswer = Type.Object({ done: Type.Boolean(), approval: textOrNull })
