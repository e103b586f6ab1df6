/** Sends mail about people's own sign-in: plain to staff, and encrypted to a partner's person where it has a key. */
import type { ActionContext } from "../../../../kernel/action-context.ts"
import { composeAccountMail } from "../../../identity/account-mail/account-mail.ts"
import { type AccountMailRow, accountMails } from "../../../identity/account-mail/actions/load-mail.ts"
import { findPerson } from "../../../identity/actions/load-people.ts"
import { issueCredential } from "../../../identity/actions/sign-in.ts"
import { endAllSignIns } from "../../../identity/actions/end-sign-ins.ts"
import { createMailJob } from "../../../mail/actions/send-mail.ts"
import { tokenFor } from "../../../mail/actions/sign-bounce-token.ts"
import { encryptMail } from "../../keys/actions/manage-mail-keys.ts"
import { earlierWordsLines, recognitionLines } from "../recognition-words.ts"
import { findRecognitionWords } from "./set-recognition-words.ts"
import { recordBounce } from "./verify-mailbox.ts"

/** Sends due account mails. */
export const sendAccountMailsJob = createMailJob<AccountMailRow>({
    name: "account-mail",
    pendingQuery: accountMails.unsentQuery,
    claim: ({ tx }, realNow) => accountMails.claimDue(tx, realNow),
    findRecipient: async (ctx, row) => {
        const person = await findPerson(ctx, row.person)
        return person?.leftAt === null ? { to: person.mail } : "dropped"
    },
    compose: async (ctx, row, to) => {
        const partner = (await findPerson(ctx, row.person))?.partner ?? null
        const { kind, createdAt } = row
        const link = kind === "link" ? await issueLink(ctx, row, partner) : ""
        const recognition = partner === null ? [] : await linesFor(ctx, partner, row)
        const mail = composeAccountMail({ kind, isStaff: partner === null, createdAt, link, recognition })
        const message = { to, ...mail, id: row.id, token: tokenFor(ctx.services.keys, row.id) }
        return partner === null ? message : await encryptMail(ctx, partner, message)
    },
    holdUntil: ({ tx }, { id }, until) => accountMails.holdUntil(tx, id, until),
    isHeld: ({ tx }, { id }, until) => accountMails.lockHeld(tx, id, until),
    saveResult: async (ctx, row, { state, nextAt }) => {
        await accountMails.saveAttempt(ctx.tx, row.id, state === "due" || state === "sent" ? state : "failed", nextAt)
        const partner = (await findPerson(ctx, row.person))?.partner ?? null
        if (state === "bounced" && partner !== null) await recordBounce(ctx, partner, row.person)
    },
})

/** The notice of changed words has the earlier ones. */
async function linesFor(ctx: ActionContext, partner: string, { kind, createdAt }: AccountMailRow) {
    if (kind !== "words_changed") return recognitionLines(await findRecognitionWords(ctx, partner))
    return earlierWordsLines(await findRecognitionWords(ctx, partner, createdAt))
}

/**
 * Makes a new link for each attempt, so that the secret of an unsent mail exists nowhere. The first attempt of a
 * recovery ends the person's earlier sign-ins.
 */
async function issueLink(
    ctx: ActionContext,
    { person, isRecovery, attempts }: AccountMailRow,
    partner: string | null,
): Promise<string> {
    if (isRecovery && attempts === 0) await endAllSignIns(ctx, person)
    const { consoleOrigin, portalOrigin } = ctx.services
    const origin = partner === null ? consoleOrigin : portalOrigin
    return `${origin}/sign-in#${await issueCredential(ctx, person, "link")}`
}
