/**
 * Passwords that everyone tries first, in lower case. We compiled the list ourselves from patterns seen in public
 * breaches.
 */
let passwords: ReadonlySet<string> | undefined;

export function commonPasswords(): ReadonlySet<string> {
  passwords ??= new Set(LIST.trim().split(/\s+/));
  return passwords;
}

const LIST = `
  123 1234 12345 123456 1234567 12345678 123456789 1234567890 0123456789 987654321 87654321 654321 54321 4321 123123 123321 112233
  111111 11111111 000000 00000000 222222 333333 444444 555555 666666 777777 888888 999999 121212 131313 696969 101010 007007 159753
  147258 147258369 789456 789456123 741852963 1q2w3e 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qazxsw2 qazwsx qazwsxedc qwe123 qweasd qweasdzxc
  qwer1234 qwert qwerty qwertyuiop qwertz qwertzuiop azerty asdf asdfgh asdfghjkl zxcvbn zxcvbnm abc abc123 abcd abcd1234 abcdef abcdefg
  a1b2c3 a1b2c3d4 aa123456 password passwort passwd passw0rd pass passphrase pass1234 secret geheim changeme changeit default temp test
  testing tester guest user username admin administrator root toor login logon welcome letmein openup opensesame master access server
  system computer internet hello hallo iloveyou ilove loveme love lovely sunshine princess prince monkey dragon shadow superman batman
  spiderman pokemon starwars matrix trustno one trustno1 whatever nothing blink182 football baseball basketball soccer hockey jordan
  jordan23 michael jennifer jessica ashley nicole daniel thomas robert andrew joshua matthew charlie hunter tigger buster ginger pepper
  maggie bailey cookie chocolate cheese coffee banana orange summer winter spring autumn monday friday freedom flower rainbow purple
  silver golden diamond killer ninja mustang ferrari porsche corvette harley yamaha samsung google apple microsoft windows linux ubuntu
  oracle cisco mobile phone money dollar lucky angel jesus heaven blessed family forever friend friends baby babygirl sweet honey
  correcthorsebatterystaple correct-horse-battery-staple tobeornottobe thequickbrownfox thequickbrownfoxjumpsoverthelazydog
  loremipsum ceremony rehearsal rootkey keyceremony authentication`;
