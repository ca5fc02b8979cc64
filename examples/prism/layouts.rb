# frozen_string_literal: true

# How prism 1.9 writes each type of node, in the order of its type numbers (from 1). After type, id, location and flags come the fields, one
# letter each:
#
#   n node        o node or nothing       * list of nodes
#   c constant or nothing (an index into the pool, from 1)      # list of constants
#   l location    m location or nothing   s string
#   i integer     f float (64 bits)       v variable-length number   b byte
#
# A Def has four bytes more before its flags: how long it is, so that a reader may skip it.
module PrismReader
  LAYOUTS = Ractor.make_shareable(
    <<~TABLE.split.map { |entry| entry.split(":", 2).then { |name, fields| ["#{name}Node", fields.to_s.chars.map(&:to_sym)] } }
      AliasGlobalVariable:nnl AliasMethod:nnl AlternationPattern:nnl And:nnl Arguments:* Array:*mm ArrayPattern:o*o*mm
      Assoc:nnm AssocSplat:ol BackReferenceRead:c Begin:moooom BlockArgument:ol BlockLocalVariable:c Block:#ooll
      BlockParameter:cml BlockParameters:o*mm Break:ol CallAndWrite:ommccln Call:omcmmommo CallOperatorWrite:ommcccln
      CallOrWrite:ommccln CallTarget:nlcl CapturePattern:nnl CaseMatch:o*oll Case:o*oll Class:#lnmoolc
      ClassVariableAndWrite:clln ClassVariableOperatorWrite:cllnc ClassVariableOrWrite:clln ClassVariableRead:c
      ClassVariableTarget:c ClassVariableWrite:clnl ConstantAndWrite:clln ConstantOperatorWrite:cllnc ConstantOrWrite:clln
      ConstantPathAndWrite:nln ConstantPath:ocll ConstantPathOperatorWrite:nlnc ConstantPathOrWrite:nln
      ConstantPathTarget:ocll ConstantPathWrite:nln ConstantRead:c ConstantTarget:c ConstantWrite:clnl Def:clooo#lmmmmm
      Defined:mnml Else:lom EmbeddedStatements:lol EmbeddedVariable:ln Ensure:lol False: FindPattern:on*nmm FlipFlop:ool
      Float:f For:nnollml ForwardingArguments: ForwardingParameter: ForwardingSuper:o GlobalVariableAndWrite:clln
      GlobalVariableOperatorWrite:cllnc GlobalVariableOrWrite:clln GlobalVariableRead:c GlobalVariableTarget:c
      GlobalVariableWrite:clnl Hash:l*l HashPattern:o*omm If:mnmoom Imaginary:n Implicit:n ImplicitRest: In:nolm
      IndexAndWrite:omlololn IndexOperatorWrite:omlolocln IndexOrWrite:omlololn IndexTarget:nlolo
      InstanceVariableAndWrite:clln InstanceVariableOperatorWrite:cllnc InstanceVariableOrWrite:clln InstanceVariableRead:c
      InstanceVariableTarget:c InstanceVariableWrite:clnl Integer:i InterpolatedMatchLastLine:l*l
      InterpolatedRegularExpression:l*l InterpolatedString:m*m InterpolatedSymbol:m*m InterpolatedXString:l*l
      ItLocalVariableRead: ItParameters: KeywordHash:* KeywordRestParameter:cml Lambda:#llloo LocalVariableAndWrite:llncv
      LocalVariableOperatorWrite:llnccv LocalVariableOrWrite:llncv LocalVariableRead:cv LocalVariableTarget:cv
      LocalVariableWrite:cvlnl MatchLastLine:llls MatchPredicate:nnl MatchRequired:nnl MatchWrite:n* Missing: Module:#lnolc
      MultiTarget:*o*mm MultiWrite:*o*mmln Next:ol Nil: NoKeywordsParameter:ll NumberedParameters:b NumberedReferenceRead:v
      OptionalKeywordParameter:cln OptionalParameter:clln Or:nnl Parameters:**o**oo Parentheses:oll PinnedExpression:nlll
      PinnedVariable:nl PostExecution:olll PreExecution:olll Program:#n Range:ool Rational:ii Redo: RegularExpression:llls
      RequiredKeywordParameter:cl RequiredParameter:c RescueModifier:nln Rescue:l*momoo RestParameter:cml Retry: Return:lo
      Self: ShareableConstant:n SingletonClass:#llnol SourceEncoding: SourceFile:s SourceLine: Splat:lo Statements:*
      String:mlms Super:lmomo Symbol:mmms True: Undef:*l Unless:lnmoom Until:lmmno When:l*mo While:lmmno XString:llls
      Yield:lmom
    TABLE
  )
end
