/** Sends account mail in tests, and reads the sign-in links in it. */
import type { Message } from "../../server/src/platform/mail/mail.ts"
import type { Services } from "../../server/src/kernel/services.ts"
import { sendAccountMailsJob } from "../../server/src/trust/partners/roster/actions/send-account-mail.ts"

/** Returns the secret of the last sign-in link that was mailed to an address. */
export function mailedLinkSecret({ mails }: { readonly mails: readonly Message[] }, to: string): string {
    const secrets = mails.flatMap((mail) =>
        mail.to === to ? (/\/sign-in#([\w-]{43})$/m.exec(mail.text)?.[1] ?? []) : [],
    )
    const last = secrets.at(-1)
    if (last === undefined) throw new Error(`no sign-in link went to \`${to}\``)
    return last
}

/** Sends all due account mail, and returns it. */
export async function sendAccountMails(services: Services): Promise<Message[]> {
    const mails: Message[] = []
    const collecting = { ...services, mail: { send: async (mail: Message) => void mails.push(mail) } }
    while (await sendAccountMailsJob.sendNext(collecting)) continue
    return mails
}
