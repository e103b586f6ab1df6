/**
 * Two leaks of the past. The first led to the end of a partnership. The second is found late, and its inquiry is under
 * way. Also a suspension that ended.
 */
import { Decrypter } from "age-encryption"
import { type Instant, dayMs, hourMs, parseInstant } from "@tocsin/base/instant"
import { listArtifacts } from "../../share/artifacts/actions/load-artifacts.ts"
import { fetchCopy } from "../../share/delivery/actions/fetch-copy.ts"
import { aliasFor } from "../../share/delivery/actions/resolve-alias.ts"
import { addLeak } from "../../trace/evidence/actions/add-evidence.ts"
import { answerQuestion, askQuestion, markQuestionRead } from "../../trace/inquiries/actions/ask-question.ts"
import { closeInquiry } from "../../trace/inquiries/actions/close-inquiry.ts"
import { openInquiry, weighHypothesis } from "../../trace/inquiries/actions/open-inquiry.ts"
import { confirmFinding, proposeFinding } from "../../trace/inquiries/actions/propose-finding.ts"
import { applyDecision, requestDecision } from "../../trace/measures/actions/decide-procedure.ts"
import { openProcedure } from "../../trace/measures/actions/open-procedure.ts"
import { reinstate, requestReinstatement } from "../../trace/measures/actions/restore-access.ts"
import { suspendPartner } from "../../trace/measures/actions/restrict-access.ts"
import { answerLetter, listLettersForPartner, markAnswerRead } from "../../trace/measures/actions/send-letter.ts"
import { type Scene, memberActor } from "../seed.ts"
import type { PastCaseKey } from "./cases.ts"
import { currentLeaker, formerLeaker, suspendedOnce } from "./newcomers.ts"
import { type Stage, idOf, later, leadOf, partnerOf, sign, staff } from "./stage.ts"

const at = parseInstant

const aoife = "Aoife Brannigan"
const rafael = "Rafael Lindqvist"

/** Lists the scenes of the leaks and measures. */
export function leakScenes(stage: Stage): Scene[] {
    const scene = (instant: string, run: (when: Instant) => Promise<unknown>): Scene => {
        const when = at(instant)
        return { at: when, run: () => run(when) }
    }
    return [
        scene("2024-11-12T05:50:00Z", (when) => takeCopy(stage, when, "harborline", formerLeaker)),
        scene("2024-11-15T09:00:00Z", (when) => addFirstLeak(stage, when)),
        scene("2024-11-18T10:00:00Z", (when) => findBreach(stage, when)),
        scene("2024-11-27T09:30:00Z", (when) => openFirstProcedure(stage, when)),
        scene("2024-12-12T10:00:00Z", (when) => endPartnership(stage, when)),
        scene("2025-02-03T16:20:00Z", (when) => suspend(stage, when)),
        scene("2025-02-17T09:10:00Z", (when) => reinstateAgain(stage, when)),
        scene("2025-03-09T21:15:00Z", (when) => takeCopy(stage, when, "quartzmail", currentLeaker)),
        scene("2025-05-27T09:20:00Z", (when) => addSecondLeak(stage, when)),
        scene("2025-05-28T08:30:00Z", (when) => openSecondInquiry(stage, when)),
        scene("2025-05-30T13:00:00Z", (when) => askPartners(stage, when)),
        scene("2025-06-18T10:45:00Z", (when) => askLeaker(stage, when)),
    ]
}

const copyName = (key: PastCaseKey) => `${key}.copy`

/** Fetches the partner's copy as the partner does, opens it with its key, and keeps the text for the leak. */
async function takeCopy(stage: Stage, when: Instant, key: PastCaseKey, partner: string): Promise<void> {
    const { id, identity, people } = partnerOf(stage, partner)
    const copy = await stage.story(when, memberActor(id, people, "analyst"), async (ctx) => {
        const artifacts = await listArtifacts(ctx, idOf(stage, key))
        const technical = artifacts.find((artifact) => artifact.class === "technical")
        return await fetchCopy(ctx, aliasFor(ctx.services.keys, id, "artifact", technical?.id ?? ""))
    })
    const age = new Decrypter()
    age.addIdentity(identity)
    stage.ids.set(copyName(key), await age.decrypt(copy.bytes, "text"))
}

async function addFirstLeak(stage: Stage, when: Instant): Promise<void> {
    const leak = {
        case: idOf(stage, "harborline"),
        name: "forum-post.txt",
        source: "A public forum, in a thread about remote access",
        note: "Found by a search for the ticket's name. The post was removed within a day.",
        content: Buffer.from(idOf(stage, copyName("harborline"))),
        observedAt: at("2024-11-12T06:30:00Z"),
        clock: "estimated",
    } as const
    stage.ids.set("leak.first", await stage.story(when, staff(stage, aoife), (ctx) => addLeak(ctx, leak)))
}

async function findBreach(stage: Stage, when: Instant): Promise<void> {
    const { id: partner } = partnerOf(stage, formerLeaker)
    const [by, signer] = [staff(stage, aoife), staff(stage, rafael)]
    const inquiry = await stage.story(when, by, (ctx) =>
        openInquiry(ctx, {
            case: idOf(stage, "harborline"),
            title: "Forum post before publication",
            evidence: [idOf(stage, "leak.first")],
            members: [signer.person],
        }),
    )
    stage.ids.set("inquiry.first", inquiry)
    const finding = {
        partner,
        conclusion: "The post is the partner's own copy of the technical text, word for word.",
        confidence: "high",
        obligation: "2.2",
    } as const
    later(stage, when + 6 * dayMs, async (then) => {
        const proposed = await stage.story(then, by, (ctx) => proposeFinding(ctx, inquiry, finding))
        stage.ids.set("finding.first", proposed.finding)
        later(stage, then + 20 * hourMs, (next) => sign(stage, next, rafael, proposed.approval))
        later(stage, then + 22 * hourMs, (next) =>
            stage.story(next, by, (ctx) => confirmFinding(ctx, inquiry, proposed.finding)),
        )
    })
}

async function openFirstProcedure(stage: Stage, when: Instant): Promise<void> {
    const reason = "A confirmed finding: a copy was made public before the embargo ended."
    const procedure = await stage.story(when, staff(stage, rafael), (ctx) =>
        openProcedure(ctx, { inquiry: idOf(stage, "inquiry.first"), finding: idOf(stage, "finding.first"), reason }),
    )
    stage.ids.set("procedure.first", procedure)
    const answer = "A contractor had access to the folder. We have ended that contract, and we regret the post."
    later(stage, when + 6 * dayMs, (then) =>
        stage.story(then, leadOf(stage, formerLeaker), async (ctx) => {
            const letter = (await listLettersForPartner(ctx)).find(({ kind }) => kind === "statement_of_concern")
            if (letter !== undefined) await answerLetter(ctx, letter.id, answer)
        }),
    )
}

async function endPartnership(stage: Stage, when: Instant): Promise<void> {
    const procedure = idOf(stage, "procedure.first")
    const by = staff(stage, "Meera Hartono")
    const decision = {
        outcome: "termination",
        returnFrom: null,
        reason: "People outside the roster had access to warnings, against section 2.2 of the agreement.",
        terms: null,
    } as const
    const approval = await stage.story(when, by, (ctx) => requestDecision(ctx, procedure, decision))
    later(stage, when + 4 * hourMs, (then) => sign(stage, then, "Kofi Boateng", approval))
    later(stage, when + 5 * hourMs, (then) => stage.story(then, by, (ctx) => applyDecision(ctx, procedure, approval)))
    const reason = "The copy is identified, and the partner has explained how it became public."
    later(stage, when + 4 * dayMs, (then) =>
        stage.story(then, staff(stage, aoife), (ctx) =>
            closeInquiry(ctx, idOf(stage, "inquiry.first"), "explained", reason),
        ),
    )
}

async function suspend(stage: Stage, when: Instant): Promise<void> {
    const { id: partner } = partnerOf(stage, suspendedOnce)
    const reason = "The partner reports that a workstation with its age key was stolen."
    await stage.story(when, staff(stage, "Meera Hartono"), (ctx) => suspendPartner(ctx, { partner, reason }))
    const answer = "The disk was encrypted. We have a new workstation, and two people have checked our copies."
    later(stage, when + 2 * dayMs, async (then) => {
        const letter = await stage.story(then, leadOf(stage, suspendedOnce), async (ctx) => {
            const [received] = await listLettersForPartner(ctx)
            if (received === undefined) throw new Error("a suspension sends a letter")
            await answerLetter(ctx, received.id, answer)
            return received.id
        })
        later(stage, then + dayMs, (next) =>
            stage.story(next, staff(stage, "Meera Hartono"), (ctx) => markAnswerRead(ctx, letter)),
        )
    })
}

async function reinstateAgain(stage: Stage, when: Instant): Promise<void> {
    const { id: partner } = partnerOf(stage, suspendedOnce)
    const by = staff(stage, "Ingrid Solheim")
    const approval = await stage.story(when, by, (ctx) => requestReinstatement(ctx, partner))
    const reason = "The key was encrypted at rest, and no copy was opened with it since."
    later(stage, when + 2 * hourMs, (then) => sign(stage, then, "Kofi Boateng", approval))
    later(stage, when + 3 * hourMs, (then) =>
        stage.story(then, by, (ctx) => reinstate(ctx, { partner, approval, reason })),
    )
}

/** The middle of the copy, as an unknown person posted it. */
async function addSecondLeak(stage: Stage, when: Instant): Promise<void> {
    const paragraphs = idOf(stage, copyName("quartzmail")).split("\n\n")
    const leak = {
        case: idOf(stage, "quartzmail"),
        name: "paste.txt",
        source: "An archive of a paste site, sent by a partner",
        note: "The paste is dated two days before publication. Beginning and end of the text are missing.",
        content: Buffer.from(paragraphs.slice(3, -2).join("\n\n")),
        observedAt: at("2025-03-10T04:05:00Z"),
        clock: "unknown",
    } as const
    stage.ids.set("leak.second", await stage.story(when, staff(stage, aoife), (ctx) => addLeak(ctx, leak)))
}

async function openSecondInquiry(stage: Stage, when: Instant): Promise<void> {
    const [by, other] = [staff(stage, aoife), staff(stage, rafael)]
    const inquiry = await stage.story(when, by, (ctx) =>
        openInquiry(ctx, {
            case: idOf(stage, "quartzmail"),
            title: "Paste of the header overflow text",
            evidence: [idOf(stage, "leak.second")],
            members: [other.person],
        }),
    )
    stage.ids.set("inquiry.second", inquiry)
    const assessment = {
        for: "The text is one partner's copy. The gaps are those of a person who shortens a text.",
        against: "The partner's mailbox has several readers, and the paste has no name.",
        weight: 20,
    }
    later(stage, when + dayMs, (then) =>
        stage.story(then, other, (ctx) => weighHypothesis(ctx, inquiry, "partner", assessment)),
    )
}

/** Asks the partner that sent the paste, whose lead answers. */
async function askPartners(stage: Stage, when: Instant): Promise<void> {
    const inquiry = idOf(stage, "inquiry.second")
    const question = {
        kind: "question",
        partner: partnerOf(stage, "larkspur").id,
        finding: null,
        text: "When did you first see this paste, and who sent you the address?",
        answerBy: when + 14 * dayMs,
    } as const
    const id = await stage.story(when, staff(stage, aoife), (ctx) => askQuestion(ctx, inquiry, question))
    const text = "On 26 May at 15:10 UTC. A customer found the address in a log of a blocked script."
    later(stage, when + 3 * dayMs, (then) =>
        stage.story(then, leadOf(stage, "larkspur"), (ctx) => answerQuestion(ctx, id, { text, deleted: null })),
    )
    later(stage, when + 4 * dayMs, (then) =>
        stage.story(then, staff(stage, aoife), (ctx) => markQuestionRead(ctx, inquiry, id)),
    )
}

async function askLeaker(stage: Stage, when: Instant): Promise<void> {
    const question = {
        kind: "question",
        partner: partnerOf(stage, currentLeaker).id,
        finding: null,
        text: "Who could read your copy of the technical text between 6 and 10 March, and on which machines?",
        answerBy: when + 14 * dayMs,
    } as const
    await stage.story(when, staff(stage, rafael), (ctx) => askQuestion(ctx, idOf(stage, "inquiry.second"), question))
}
