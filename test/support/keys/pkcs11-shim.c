/* A PKCS#11 module around SoftHSM that misbehaves as $SHIM says, a comma between two ways. Only C_GetFunctionList is exported. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "pkcs11/pkcs11.h"

static CK_FUNCTION_LIST list;
static CK_FUNCTION_LIST *real;

static int way(const char *name) {
  const char *all = getenv("SHIM");
  size_t length = strlen(name);
  for (const char *at = all; at != NULL && (at = strstr(at, name)) != NULL; at++) {
    if ((at == all || at[-1] == ',') && (at[length] == 0 || at[length] == ',')) return 1;
  }
  return 0;
}

/* Says in the file that $SHIM_LOADED names that its code has run. */
__attribute__((constructor)) static void loaded(void) {
  const char *file = getenv("SHIM_LOADED");
  if (file != NULL) close(open(file, O_WRONLY | O_CREAT, 0600));
}

static void hang(void) {
  for (;;) sleep(1000);
}

static CK_RV shimInitialize(void *arguments) {
  if (way("crash-init")) abort();
  if (way("hang-init")) hang();
  return real->C_Initialize(arguments);
}

static CK_RV shimGetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
  CK_RV rv = real->C_GetTokenInfo(slot, info);
  if (rv != CKR_OK) return rv;
  if (way("protected")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  if (way("pin-low")) info->flags |= CKF_USER_PIN_COUNT_LOW;
  if (way("pin-last")) info->flags |= CKF_USER_PIN_FINAL_TRY;
  if (way("pin-locked")) info->flags |= CKF_USER_PIN_LOCKED;
  if (way("error-state")) info->flags |= CKF_ERROR_STATE;
  return rv;
}

/* The pad: a login passes no PIN, and the person types 123456. */
static CK_RV shimLogin(CK_SESSION_HANDLE session, CK_USER_TYPE type, CK_UTF8CHAR *pin, CK_ULONG length) {
  if (way("crash-login")) abort();
  if (way("canceled")) return CKR_FUNCTION_CANCELED;
  if (!way("protected")) return real->C_Login(session, type, pin, length);
  if (pin != NULL || length != 0) return CKR_ARGUMENTS_BAD;
  return real->C_Login(session, type, (CK_UTF8CHAR *)"123456", 6);
}

static CK_ATTRIBUTE *find(CK_ATTRIBUTE *attributes, CK_ULONG count, CK_ATTRIBUTE_TYPE type) {
  for (CK_ULONG i = 0; i < count; i++) {
    if (attributes[i].type == type) return &attributes[i];
  }
  return NULL;
}

static CK_RV shimGenerate(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *publicTemplate,
                          CK_ULONG publicCount, CK_ATTRIBUTE *privateTemplate, CK_ULONG privateCount,
                          CK_OBJECT_HANDLE *publicKey, CK_OBJECT_HANDLE *privateKey) {
  CK_ATTRIBUTE changed[32];
  CK_ATTRIBUTE *token = find(privateTemplate, privateCount, CKA_TOKEN);
  int onToken = token != NULL && *(CK_BBOOL *)token->pValue;
  if (way("no-session-keys") && !onToken) return CKR_TEMPLATE_INCONSISTENT;
  if (way("no-modifiable") && find(privateTemplate, privateCount, CKA_MODIFIABLE) != NULL) return CKR_ATTRIBUTE_TYPE_INVALID;
  memcpy(changed, publicTemplate, publicCount * sizeof *changed);
  if (way("printable")) {
    CK_ATTRIBUTE *curve = find(changed, publicCount, CKA_EC_PARAMS);
    if (((CK_BYTE *)curve->pValue)[0] != 0x13) return CKR_DOMAIN_PARAMS_INVALID;
    curve->pValue = "\x06\x03\x2b\x65\x70";
    curve->ulValueLen = 5;
  }
  CK_RV rv = real->C_GenerateKeyPair(session, mechanism, changed, publicCount, privateTemplate, privateCount, publicKey, privateKey);
  if (rv == CKR_OK && onToken && way("crash-generate")) abort();
  return rv;
}

/* The orders of P-256, P-384 and P-521 (FIPS 186-5), by the width of a number in a signature. */
static const CK_BYTE *orderOf(CK_ULONG width) {
  if (width == 32) return (const CK_BYTE *)"\xff\xff\xff\xff\x00\x00\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff\xbc\xe6\xfa\xad\xa7\x17\x9e\x84\xf3\xb9\xca\xc2\xfc\x63\x25\x51";
  if (width == 48) return (const CK_BYTE *)"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xc7\x63\x4d\x81\xf4\x37\x2d\xdf\x58\x1a\x0d\xb2\x48\xb0\xa7\x7a\xec\xec\x19\x6a\xcc\xc5\x29\x73";
  if (width == 66) return (const CK_BYTE *)"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xfa\x51\x86\x87\x83\xbf\x2f\x96\x6b\x7f\xcc\x01\x48\xf7\x09\xa5\xd0\x3b\xb5\xc9\xb8\x89\x9c\x47\xae\xbb\x6f\xb7\x1e\x91\x38\x64\x09";
  return NULL;
}

/* s = order - s, or s + order; what doesn't fit is lost. */
static void withOrder(CK_BYTE *s, const CK_BYTE *order, CK_ULONG width, int minus) {
  int carry = 0;
  for (CK_ULONG i = width; i-- > 0;) {
    int byte = minus ? order[i] - s[i] - carry : order[i] + s[i] + carry;
    carry = minus ? byte < 0 : byte > 255;
    s[i] = (CK_BYTE)byte;
  }
}

/* Above half of the order s is larger than order - s. */
static int isHigh(const CK_BYTE *s, const CK_BYTE *order, CK_ULONG width) {
  CK_BYTE other[66];
  memcpy(other, s, width);
  withOrder(other, order, width, 1);
  return memcmp(s, other, width) > 0;
}

/* DER in the place of r and s, as some modules answer; its length. */
static CK_ULONG toDer(CK_BYTE *raw, CK_ULONG width) {
  CK_BYTE der[160] = {0x30, 0x81, 0};
  CK_ULONG at = 3;
  for (int which = 0; which < 2; which++) {
    const CK_BYTE *number = raw + which * width;
    CK_ULONG skip = 0;
    while (skip + 1 < width && number[skip] == 0) skip++;
    int sign = number[skip] >> 7;
    der[at++] = 2;
    der[at++] = (CK_BYTE)(width - skip + sign);
    if (sign) der[at++] = 0;
    memcpy(der + at, number + skip, width - skip);
    at += width - skip;
  }
  der[2] = (CK_BYTE)(at - 3);
  if (at - 3 < 0x80) {
    memmove(der + 1, der + 2, at - 2);
    at--;
  }
  memcpy(raw, der, at);
  return at;
}

/* Other forms of an ECDSA signature: r, and s behind it. */
static void otherForm(CK_BYTE *r, CK_ULONG *length) {
  CK_ULONG width = *length / 2;
  CK_BYTE *s = r + width;
  CK_BYTE kept[66];
  const CK_BYTE *order = orderOf(width);
  if (order == NULL) return;
  if (way("low-s") && isHigh(s, order, width)) withOrder(s, order, width, 1);
  if (way("high-s") && !isHigh(s, order, width)) withOrder(s, order, width, 1);
  if (way("zero-r")) memset(r, 0, width);
  if (way("zero-s")) memset(s, 0, width);
  if (way("order-as-r")) memcpy(r, order, width);
  if (way("order-as-s")) memcpy(s, order, width);
  if (way("s-plus-order")) withOrder(s, order, width, 0);
  if (way("all-ones")) memset(r, 0xff, *length);
  if (way("swapped")) {
    memcpy(kept, r, width);
    memcpy(r, s, width);
    memcpy(s, kept, width);
  }
  if (way("padded")) {
    memmove(r + 1, r, *length);
    r[0] = 0;
    *length += 1;
  }
  if (way("twice")) {
    memcpy(r + *length, r, *length);
    *length *= 2;
  }
  if (way("der")) *length = toDer(r, width);
  if (way("half")) *length = width;
  if (way("empty")) *length = 0;
}

static CK_RV shimSign(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG length, CK_BYTE *signature, CK_ULONG *signatureLength) {
  if (way("crash-sign")) abort();
  if (way("hang-sign")) hang();
  if (way("removed")) return CKR_DEVICE_REMOVED;
  if (way("gone")) return CKR_TOKEN_NOT_PRESENT;
  if (way("slow-sign")) sleep(2);
  CK_RV rv = real->C_Sign(session, data, length, signature, signatureLength);
  if (rv == CKR_OK && signature != NULL && way("flip-signature")) signature[*signatureLength - 1] ^= 1;
  if (rv == CKR_OK && signature != NULL) otherForm(signature, signatureLength);
  if (rv == CKR_OK && signature != NULL && way("short-signature")) *signatureLength -= 1;
  return rv;
}

/* The base point of Ed25519: a good public key, and nobody's here. */
static const CK_BYTE FOREIGN[34] = {0x04, 0x20, 0x58, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66,
                                    0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66, 0x66};

/* Without the two bytes of its OCTET STRING (Ed25519, P-256). */
static CK_RV barePoint(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *point) {
  CK_BYTE whole[256];
  CK_ATTRIBUTE asked = {CKA_EC_POINT, whole, sizeof whole};
  CK_RV rv = real->C_GetAttributeValue(session, object, &asked, 1);
  if (rv != CKR_OK) return rv;
  point->ulValueLen = asked.ulValueLen - 2;
  if (point->pValue != NULL) memcpy(point->pValue, whole + 2, point->ulValueLen);
  return CKR_OK;
}

static CK_RV shimGetAttributes(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count) {
  if (count == 1 && attributes->type == CKA_EC_POINT && way("bare-point")) return barePoint(session, object, attributes);
  CK_RV rv = real->C_GetAttributeValue(session, object, attributes, count);
  if (rv != CKR_OK) return rv;
  CK_ATTRIBUTE *point = find(attributes, count, CKA_EC_POINT);
  if (point != NULL && point->pValue != NULL && point->ulValueLen == sizeof FOREIGN && way("foreign-key")) {
    memcpy(point->pValue, FOREIGN, sizeof FOREIGN);
  }
  static const struct {
    const char *name;
    CK_ATTRIBUTE_TYPE type;
  } LIES[] = {{"lie-extractable", CKA_EXTRACTABLE}, {"lie-local", CKA_LOCAL},     {"lie-derive", CKA_DERIVE},
              {"lie-sensitive", CKA_SENSITIVE},     {"lie-private", CKA_PRIVATE}, {"lie-never", CKA_NEVER_EXTRACTABLE}};
  for (size_t i = 0; i < sizeof LIES / sizeof *LIES; i++) {
    CK_ATTRIBUTE *lie = find(attributes, count, LIES[i].type);
    if (lie != NULL && lie->pValue != NULL && way(LIES[i].name)) *(CK_BBOOL *)lie->pValue ^= 1;
  }
  CK_ATTRIBUTE *made = find(attributes, count, CKA_KEY_GEN_MECHANISM);
  if (made != NULL && made->pValue != NULL && way("lie-mechanism")) *(CK_ULONG *)made->pValue = 0;
  return rv;
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST **result) {
  if (real == NULL) {
    void *library = dlopen(SOFTHSM, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) return CKR_GENERAL_ERROR;
    CK_RV (*get)(CK_FUNCTION_LIST **) = (CK_RV(*)(CK_FUNCTION_LIST **))dlsym(library, "C_GetFunctionList");
    if (get == NULL || get(&real) != CKR_OK) return CKR_GENERAL_ERROR;
    list = *real;
    list.C_GetFunctionList = C_GetFunctionList;
    list.C_Initialize = shimInitialize;
    list.C_GetTokenInfo = shimGetTokenInfo;
    list.C_Login = shimLogin;
    list.C_GenerateKeyPair = shimGenerate;
    list.C_Sign = shimSign;
    list.C_GetAttributeValue = shimGetAttributes;
  }
  *result = &list;
  return CKR_OK;
}
