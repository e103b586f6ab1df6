/**
 * Texts of letters to a partner. None names a case, another partner or a suspicion; the portal shows the subject next
 * to the letter.
 */
export interface Letter {
    readonly subject: string
    readonly text: string
}

export const interimSuspension: Letter = {
    subject: "Your access is suspended for the time being",
    text: `We have suspended your organisation's access to warnings, from the instant shown beside this letter.

This is a precaution. It finds no fault with you and is no sanction. We take such a step when we have reason to believe that
material of the program may be in danger, and before we know why.

Until the suspension ends you receive no content of any case, on any channel. Your status, our letters, your answers and an
appeal stay within your reach in the portal. What you fetched before remains subject to the agreement: please keep it
together, do not delete it, and hand it on to nobody.

Two persons who did not take this decision review it within fourteen days, and it stays until they have decided. You help
them by answering this letter: say who in your organisation had access, and whether you have noticed anything unusual.`,
}

export const restriction: Letter = {
    subject: "What you receive before publication has changed",
    text: `From the instant shown beside this letter you receive some classes of material later, or not at all. The portal shows,
class by class, what this means for you.

This is a decision about risk. It finds no fault with you, it says nothing about how you have kept the agreement, and it is
not made public. Where it follows from a duty to report to an authority, it concerns every partner under such a duty alike.

What you receive at publication is not affected. If the facts on which the decision rests have changed, or were never right,
please tell us through the portal and we shall look at it again.`,
}

export const statementOfConcern: Letter = {
    subject: "A finding on which we ask for your answer",
    text: `An inquiry has come to a finding which concerns an obligation of your agreement. The portal shows the obligation, the facts
on which the finding rests, and how sure we are of each.

Nothing has been decided. You have fourteen days to answer: to correct facts, to name others that speak for you, and to say
what you have done since. Two persons then decide, with your answer before them. If you need more time, ask for it within
these fourteen days and give the reason.

A finding about a copy is no finding about a person. That something came from a copy issued to you does not show who used
it, and may be explained by an intrusion at your side: please look for one.`,
}

export const sanctionReprimand: Letter = {
    subject: "Decision: reprimand",
    text: `After your answer, two persons have decided on a reprimand for the breach of the obligation shown beside this letter. Your
access continues. The reprimand counts for twelve months if a further breach is found.

You may appeal once, within thirty days of this letter, through the portal. The appeal is decided by persons who took no
part in the inquiry or in this decision.`,
}

export const sanctionSuspension: Letter = {
    subject: "Decision: suspension",
    text: `After your answer, two persons have decided to suspend your organisation for the breach of the obligation shown beside
this letter. Your status, our letters, your answers and your appeal stay within your reach.

You can return when the terms shown beside this letter are met and two persons have confirmed it. Returning is the aim; what
is asked for is meant to make the breach unlikely to happen again.

You may appeal once, within thirty days of this letter, through the portal. The appeal is decided by persons who took no
part in the inquiry or in this decision; the suspension stays in force meanwhile.`,
}

export const sanctionTermination: Letter = {
    subject: "Decision: end of membership",
    text: `After your answer, two persons have decided to end your organisation's membership of the program for the breach of the
obligation shown beside this letter. The duties of the agreement which outlast it remain: no offensive use, no disclosure
before publication, and the report of a suspected leak.

You may appeal once, within thirty days of this letter, through the portal. The appeal is decided by persons who took no
part in the inquiry or in this decision. A new application is possible after twenty-four months.`,
}

export const reinstatement: Letter = {
    subject: "Your access is restored",
    text: `Two persons have decided to end the suspension of your organisation, from the instant shown beside this letter. What you are
entitled to from now on, the portal shows as before. Warnings that fell due in the meantime are there to be fetched, as far
as they are still yours to have.

Thank you for your answers and for your patience.`,
}
