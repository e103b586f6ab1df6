/** Request and answer types of the routes of approvals. */
import { Type } from "typebox"
import { closed, id, orNull, textOrNull, wordOf } from "../../kernel/schemas.ts"
import { operatorRoles } from "../identity/person.ts"
import type { ApprovalState, Effects, VoidReason } from "./approval.ts"

const named = Type.Object({ id: Type.String(), name: Type.String() })

const approvalAnswer = Type.Object({
    id: Type.String(),
    state: wordOf<ApprovalState>(),
    act: Type.String(),
    /** The effects exactly as hashed. */
    effects: Type.Unsafe<Omit<Effects, "detail"> & { detail?: unknown }>(Type.Unknown()),
    effectsHash: Type.String(),
    words: Type.Unsafe<Readonly<Record<string, unknown>> | null>(Type.Unknown()),
    requestedBy: named,
    requestedAt: Type.String(),
    signedBy: orNull(named),
    signedAt: textOrNull,
    usedAt: textOrNull,
    voidedAt: textOrNull,
    voidReason: orNull(wordOf<VoidReason>()),
    /** When it expires unsigned or unapplied. */
    lapsesAt: textOrNull,
    maySign: Type.Boolean(),
})

export const linkedAnswer = Type.Object({
    done: Type.Boolean(),
    approval: textOrNull,
    id: Type.Optional(Type.String()),
    link: Type.Optional(Type.String()),
})

const rolesField = Type.Array(Type.Enum([...operatorRoles]), {
    minItems: 1,
    maxItems: operatorRoles.length,
})

const signed = Type.Optional(id)

export const stateAnswer = Type.Object({ id: Type.String(), state: Type.String() })

export const approvalsAnswer = Type.Object({ pending: Type.Array(approvalAnswer), recent: Type.Array(approvalAnswer) })

export const signApprovalBody = Type.Object({ effectsHash: Type.String({ pattern: "^[0-9a-f]{64}$" }) }, closed)

export const newStaffBody = Type.Object(
    { name: Type.String(), mail: Type.String(), roles: rolesField, approval: signed },
    closed,
)

export const newSignInLinkBody = Type.Object({ approval: signed }, closed)

export const setRolesBody = Type.Object({ roles: rolesField, approval: signed }, closed)

export const setRolesAnswer = Type.Object({ done: Type.Boolean(), approval: textOrNull })
