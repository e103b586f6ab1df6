/**
 * SCIM 2.0 for identity providers, to end the access of people who left. It adds no person and no role.
 *
 * The guard knows no person here: each handler checks the provider's secret first. All other callers get one answer.
 */
import { Type } from "typebox"
import { formatInstant } from "@tocsin/base/instant"
import { Refusal, refuse } from "@tocsin/base/refusal"
import { type ActionContext, route } from "../../kernel/action-context.ts"
import { type Side, TextAnswer, hide } from "../../kernel/route.ts"
import { refuseCaller } from "../../platform/http/request-input.ts"
import type { ProviderSettings } from "../../platform/single-sign-on/identity-provider.ts"
import { removePerson } from "../../trust/identity/actions/manage-people.ts"
import {
    forgetRefusedRemoval,
    noteRefusedRemoval,
} from "../../trust/identity/single-sign-on/actions/note-refused-removal.ts"
import {
    type ProviderAccount,
    findProviderBySecret,
    listAccounts,
} from "../../trust/identity/single-sign-on/actions/provider-accounts.ts"
import { assertServing } from "../../trust/continuity/actions/stop-serving.ts"
import { isSameMailbox } from "../../trust/identity/person.ts"
import { removeMemberAsStaff } from "../../trust/partners/roster/actions/manage-roster.ts"
import {
    type Filter,
    activeInPatch,
    activeInReplacement,
    answerOf,
    errorAnswer,
    listAnswer,
    mediaType,
    parseFilter,
    parsePage,
    pathPrefix,
    userSchema,
} from "./protocol.ts"
import { resourceTypes, schemas, serviceProviderConfig } from "./schemas.ts"

/** Of one address. A provider asks for each person every few minutes. */
const perHourMax = 20_000
const bodyMax = 24 * 1024

interface Call {
    readonly ctx: ActionContext
    readonly side: Side
    readonly provider: ProviderSettings
}

/** Refuses a caller without the secret of a provider of this side. */
function callOf(ctx: ActionContext & { readonly credential: Buffer | null }, side: Side): Call {
    const provider = findProviderBySecret(ctx, side, ctx.credential)
    if (provider === null) return refuseCaller(null, "public")
    assertServing({ services: ctx.services, side }, false)
    return { ctx: { ...ctx, actor: { kind: "system", component: "scim" } }, side, provider }
}

function presentUser({ ctx, side }: Call, { id, person, connectedAt }: ProviderAccount, active = true) {
    const at = formatInstant(connectedAt)
    const { consoleOrigin, portalOrigin } = ctx.services
    const location = `${side === "console" ? consoleOrigin : portalOrigin}${pathPrefix}Users/${id}`
    const meta = { resourceType: "User", created: at, lastModified: at, location }
    return { schemas: [userSchema], id, userName: person.mail, active, meta }
}

async function searchUsers(
    call: Call,
    query: { readonly filter?: string; readonly startIndex?: string; readonly count?: string },
): Promise<TextAnswer> {
    const [filter, { from, count }] = [parseFilter(query.filter), parsePage(query)]
    const found = await findAccounts(call, filter)
    const more = filter?.attribute === "externalid" ? { externalId: filter.value } : {}
    const page = found.slice(from - 1, from - 1 + count).map((account) => ({ ...presentUser(call, account), ...more }))
    return listAnswer(page, found.length, from)
}

async function findAccounts({ ctx, provider }: Call, filter: Filter | null): Promise<ProviderAccount[]> {
    if (filter === null) return await listAccounts(ctx, provider)
    const { attribute, value } = filter
    if (attribute === "id") return await listAccounts(ctx, provider, { id: value })
    if (attribute === "externalid") return await listAccounts(ctx, provider, { subject: value })
    return (await listAccounts(ctx, provider)).filter(({ person }) => isSameMailbox(person.mail, value))
}

async function loadAccount({ ctx, provider }: Call, id: string): Promise<ProviderAccount> {
    const [account] = await listAccounts(ctx, provider, { id })
    return account ?? hide()
}

/**
 * Removes the person of an account, as staff would, and answers `removed`. The last holder of a role stays: the answer
 * is an error, and admins get a task.
 */
async function removeAccount(call: Call, account: ProviderAccount, removed: () => TextAnswer): Promise<TextAnswer> {
    const { ctx, provider } = call
    const { id, partner } = account.person
    try {
        if (partner === null) await removePerson(ctx, id, provider.id)
        else await removeMemberAsStaff(ctx, partner, id, provider.id)
    } catch (error) {
        // Nothing is stored before this refusal, so what follows can be.
        if (!(error instanceof Refusal) || !lastHolderCodes.includes(error.code)) throw error
        ctx.services.log.warn("a provider could not remove a person, who keeps access", { id, code: error.code })
        await noteRefusedRemoval(ctx, id, provider.id)
        return errorAnswer({ status: 409, code: error.code, detail: error.message })
    }
    return removed()
}

const lastHolderCodes: readonly string[] = ["identity.last_admin", "identity.last_approver", "identity.last_manager"]

/** Removes the person where `active` is false. True and null change nothing, because each user here is active. */
async function setActive(call: Call, id: string, active: boolean | null): Promise<TextAnswer> {
    const account = await loadAccount(call, id)
    const present = () => answerOf(presentUser(call, account, active !== false))
    if (active === false) return await removeAccount(call, account, present)
    if (active === true) await forgetRefusedRemoval(call.ctx, account.person.id, call.provider.id)
    return present()
}

function refuseCreation(): never {
    refuse(
        "forbidden",
        "scim.no_creation",
        "SCIM adds no people: an admin and a second person add staff, and leads or managers add people of partners",
    )
}

const text = Type.Optional(Type.String({ maxLength: 2000 }))
const search = Type.Object({ filter: text, startIndex: text, count: text })
const byAccount = Type.Object({ id: Type.String({ maxLength: 100 }) })
const anyQuery = Type.Object({})

const userRoutes = (side: Side) => [
    route(
        {
            method: "GET",
            path: "/scim/v2/Users",
            side,
            permission: "public",
            summary: "SCIM: finds people who connected an account of the calling provider",
            query: search,
            perHourMax,
        },
        async (ctx) => await searchUsers(callOf(ctx, side), ctx.query),
    ),
    route(
        {
            method: "POST",
            path: "/scim/v2/Users",
            side,
            permission: "public",
            summary: "SCIM: refuses to add a person, and says who adds people",
            query: anyQuery,
            body: Type.Unknown(),
            bodyMax,
            perHourMax,
        },
        async (ctx) => callOf(ctx, side) && refuseCreation(),
    ),
    route(
        {
            method: "GET",
            path: "/scim/v2/Users/{id}",
            side,
            permission: "public",
            summary: "SCIM: returns a person who connected an account of the calling provider",
            params: byAccount,
            query: anyQuery,
            perHourMax,
        },
        async (ctx) => {
            const call = callOf(ctx, side)
            return answerOf(presentUser(call, await loadAccount(call, ctx.params.id)))
        },
    ),
]

const changeRoutes = (side: Side) => [
    route(
        {
            method: "PATCH",
            path: "/scim/v2/Users/{id}",
            side,
            permission: "public",
            summary: "SCIM: removes a person where it sets `active` to false, and changes nothing else",
            params: byAccount,
            query: anyQuery,
            body: Type.Unknown(),
            bodyMax,
            perHourMax,
        },
        async (ctx) => await setActive(callOf(ctx, side), ctx.params.id, activeInPatch(ctx.body)),
    ),
    route(
        {
            method: "PUT",
            path: "/scim/v2/Users/{id}",
            side,
            permission: "public",
            summary: "SCIM: removes a person where `active` is false, and changes nothing else",
            params: byAccount,
            query: anyQuery,
            body: Type.Unknown(),
            bodyMax,
            perHourMax,
        },
        async (ctx) => await setActive(callOf(ctx, side), ctx.params.id, activeInReplacement(ctx.body)),
    ),
    route(
        {
            method: "DELETE",
            path: "/scim/v2/Users/{id}",
            side,
            permission: "public",
            summary: "SCIM: removes a person",
            params: byAccount,
            query: anyQuery,
            perHourMax,
        },
        async (ctx) => {
            const call = callOf(ctx, side)
            const account = await loadAccount(call, ctx.params.id)
            return await removeAccount(call, account, () => new TextAnswer("", mediaType, {}, 204))
        },
    ),
]

/** Describes the service. The provider's secret is needed here too, so that a stranger cannot tell whether it runs. */
const described = {
    ServiceProviderConfig: () => answerOf(serviceProviderConfig),
    ResourceTypes: () => listAnswer(resourceTypes),
    Schemas: () => listAnswer(schemas),
}

const descriptionRoutes = (side: Side) =>
    (["ServiceProviderConfig", "ResourceTypes", "Schemas"] as const).map((name) =>
        route(
            {
                method: "GET",
                path: `/scim/v2/${name}`,
                side,
                permission: "public",
                summary: `SCIM: describes the service (${name})`,
                query: anyQuery,
                perHourMax,
            },
            async (ctx) => callOf(ctx, side) && described[name](),
        ),
    )

const routesOf = (side: Side) => [...userRoutes(side), ...changeRoutes(side), ...descriptionRoutes(side)]

export const routes = [...routesOf("console"), ...routesOf("portal")]
