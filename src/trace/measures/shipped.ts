/** The templates that are shipped: what is sent until the operator has written versions of its own. */
import type { LetterKind, LetterText } from "./letter.ts"

const appeals =
    "You may appeal once, until [appeal by], in the portal beside this letter. The appeal is decided by two persons who " +
    "took no part in this decision; it never makes it harder."

const obligation = "The obligation is this:\n\n[obligation]\n\n"

export const shippedLetters: Readonly<Record<LetterKind, LetterText>> = {
    restrict: {
        subject: "What you receive from us changes",
        text:
            "From [from] some material reaches you later than before, or not at all.\n\n" +
            "This is a decision about risk. It finds no fault with you. If the facts that it rests on are other than we " +
            "believe, please answer this letter.\n\n[held]\n",
    },
    loosening: {
        subject: "You receive more from us again",
        text:
            "Two persons have decided to ease the restriction of what you receive, from [from]. What is yours to have now " +
            "can be fetched, also what fell due in the meantime.\n",
    },
    lift: {
        subject: "A restriction has ended",
        text: "Two persons have decided to end the restriction of what you receive, from [from].\n",
    },
    "end by duty": {
        subject: "What you receive from us changes again",
        text:
            "The restriction that we told you of is over from [from]: another rule holds. What is yours to have now can " +
            "be fetched, also what fell due in the meantime.\n",
    },
    "interim suspension": {
        subject: "Your access is suspended for now",
        text:
            "From [from] you receive nothing about cases, on any channel. This is a precaution: it finds no fault with " +
            "you.\n\n" +
            "Two persons review it until [review by], and it stays until they have decided. Your own status, our letters " +
            "and your answers stay within your reach. Please answer this letter: who had access, and what have you " +
            "noticed?\n\n[held]\n",
    },
    "suspension kept": {
        subject: "Your access stays suspended for now",
        text:
            "Two persons have looked at the suspension again and keep it for now. It is still a precaution, and finds no " +
            "fault with you. It is looked at again until [review by].\n\n[held]\n",
    },
    reinstatement: {
        subject: "Your access is restored",
        text:
            "Two persons have decided to end your suspension, from [from]. What is yours to have can be fetched again, " +
            "also what fell due in the meantime.\n",
    },
    "suspension ended": {
        subject: "A suspension has ended, and another decision holds",
        text:
            "Two persons have decided to end one of the measures by which you receive nothing about cases, from [from]. " +
            "Another one, of which we wrote to you before, holds, and you still receive nothing about cases. Your own " +
            "status, our letters and your answers stay within your reach.\n",
    },
    concern: {
        subject: "We ask for your answer: an obligation of your agreement",
        text:
            "We have come to a finding which concerns an obligation of your agreement. " +
            `${obligation}` +
            "Nothing is decided. You have until [answer by] to answer, in the portal beside this letter: to correct " +
            "facts, to name others that speak for you, and to say what you have done since. Only then, or when the time " +
            "is over, do two persons decide. If you need more time, ask for it before.\n\n" +
            "A finding about a copy is no finding about a person. That something came from a copy issued to you does not " +
            "show who used it, and may be explained by an intrusion at your side: please look for one.\n",
    },
    "more time": {
        subject: "You have more time for your answer",
        text: "You have until [answer by] to answer our letter.\n",
    },
    "no sanction": {
        subject: "Decision: nothing follows",
        text: "Two persons have decided that nothing follows from what we wrote to you about. Thank you for your answer.\n",
    },
    reprimand: {
        subject: "Decision: reprimand",
        text:
            "Two persons have decided on a reprimand for the breach of an obligation of your agreement. It takes nothing " +
            `of your access. ${obligation}${appeals}\n`,
    },
    suspension: {
        subject: "Decision: suspension",
        text:
            "Two persons have decided to suspend your organisation, from [from], for the breach of an obligation of your " +
            `agreement. ${obligation}` +
            "You may return from [return from] on, once two persons have confirmed that these terms are met:\n\n" +
            "[terms]\n\n" +
            `Your own status, our letters, your answers and your appeal stay within your reach. ${appeals} Meanwhile the ` +
            "suspension stays.\n\n[held]\n",
    },
    termination: {
        subject: "Decision: end of membership",
        text:
            "Two persons have decided to end your organisation's membership, from [from], for the breach of an obligation " +
            `of your agreement. ${obligation}${appeals}\n\n` +
            "The duties of the agreement that outlast it remain.\n\n[held]\n",
    },
    "appeal stands": {
        subject: "Your appeal: the decision stands",
        text: "Two persons who took no part in the first decision have looked at your appeal. The decision stands.\n",
    },
    "appeal eased": {
        subject: "Your appeal: the decision becomes milder",
        text:
            "Two persons who took no part in the first decision have looked at your appeal. From [from] this holds " +
            "instead: [outcome].\n",
    },
    "appeal lifted": {
        subject: "Your appeal: the decision is lifted",
        text:
            "Two persons who took no part in the first decision have looked at your appeal, and lift the decision from " +
            "[from]. Unless another decision holds of which we wrote to you, what is yours to have can be fetched, also " +
            "what fell due in the meantime.\n",
    },
}
