/** Returns the secret of the last sign-in link that was mailed to an address. */
import type { Message } from "../../server/src/platform/mail/mail.ts"

export function mailedLinkSecret({ mails }: { readonly mails: readonly Message[] }, to: string): string {
    const secrets = mails.flatMap((mail) =>
        mail.to === to ? (/\/sign-in#([\w-]{43})$/m.exec(mail.text)?.[1] ?? []) : [],
    )
    const last = secrets.at(-1)
    if (last === undefined) throw new Error(`no sign-in link went to \`${to}\``)
    return last
}
